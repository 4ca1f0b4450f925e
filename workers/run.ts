import { DelayedError, type Job, RateLimitError, UnrecoverableError } from 'bullmq';
import type { Context } from '../src/compose.ts';
import type { DeadLetter } from '../src/domain/decision/dead-letter.ts';
import { PermanentError, RateLimitedError, safeMessageOf } from '../src/domain/errors.ts';
import { type JobWorker, LOCK_MS } from '../src/queue/backend.ts';
import { catalogue, type PayloadOf, type QueueName } from '../src/queue/catalogue.ts';
import { originalMessageOf, presentable } from '../src/telemetry/error.ts';
import type { Logger } from '../src/telemetry/log.ts';
import { countFromZero, resultOf } from '../src/telemetry/observe/decision.ts';

/** What a processor may know about the job it runs in. */
export interface Run {
  readonly log: Logger;
  /** When it was published, in milliseconds of the publisher's clock. */
  readonly queuedAt: number;
  /** Throws when the job's lock was lost, that is, when another worker may be running the same job. */
  readonly assertStillOurs: () => Promise<void>;
  /** Lays it among the dead letters although it ends: what it was for did not happen. */
  readonly bury: (reason: string) => Promise<void>;
}

export interface Processor<Name extends QueueName> {
  readonly queue: Name;
  readonly concurrency: number;
  readonly process: (payload: PayloadOf<Name>, run: Run) => Promise<void>;
  /** Called once when no attempt is left, so that nothing ends silently. */
  readonly giveUp: (payload: PayloadOf<Name>, reason: string) => Promise<void>;
}

/**
 * Jobs in a row that one kind of request may hold up one by one; after more of them the queue rests, for the next ones
 * could not go on, either, and would ask Jira in vain.
 */
const FEW = 3;

/** The one place that wraps a processor: parses the payload, logs, measures, and turns our errors into job outcomes. */
export function runWorker<Name extends QueueName>(context: Context, processor: Processor<Name>): AsyncDisposable {
  const { queue, concurrency } = processor;
  const log = context.log.child({ queue });
  countFromZero(context.metrics, queue);
  const worker: JobWorker = context.queues.worker(queue, (job, token) => attempt(job, token), { concurrency });
  worker.on('error', (error) => log.warn({ err: error }, 'worker'));
  worker.on('failed', (job, error) => void buryIfLast(job, error));
  let heldUp = 0;

  async function attempt(job: Job, token: string | undefined): Promise<void> {
    const payload = parse(queue, job.data);
    const jobLog = log.child({ jobId: job.id, attempt: job.attemptsMade + 1, playbook: context.playbook().revision });
    const stop = context.metrics.jobSeconds.startTimer({ queue });
    try {
      await processor.process(payload, {
        log: jobLog,
        queuedAt: job.timestamp,
        assertStillOurs: () => renew(job, token),
        bury: (reason) => context.ledger.bury(letterOf(job, { queue, reason })),
      });
      heldUp = 0;
      context.metrics.jobs.inc({ queue, result: 'done' });
    } catch (error) {
      context.metrics.jobs.inc({ queue, result: resultOf(error) });
      jobLog.warn({ err: error }, 'attempt failed');
      throw await translate(error, job, token);
    } finally {
      stop();
    }
  }

  async function translate(error: unknown, job: Job, token: string | undefined): Promise<unknown> {
    if (error instanceof PermanentError) return unrecoverable(error);
    if (!(error instanceof RateLimitedError)) return presentable(error);
    const pauseMs = Math.ceil(error.retryAfterMs);
    const rests = error.scope === 'site' || (error.scope === 'endpoint' && ++heldUp > FEW);
    return rests ? await rest(worker, pauseMs) : await delay(job, pauseMs, token);
  }

  async function buryIfLast(job: Job | undefined, error: Error): Promise<void> {
    if (!job || (job.finishedOn === undefined && job.attemptsMade < catalogue[queue].attempts)) return;
    const reason = originalMessageOf(error);
    try {
      // Upkeep runs again by itself.
      if (queue !== 'upkeep') await context.ledger.bury(letterOf(job, { queue, reason }));
      await processor.giveUp(parse(queue, job.data), reason);
      log.error({ jobId: job.id, why: safeMessageOf(error) }, 'gave up');
    } catch (cause) {
      // The requeue sweep finds what stays open and comes back here.
      log.error({ jobId: job.id, why: safeMessageOf(cause) }, 'could not record that a job was given up');
    }
  }

  return { [Symbol.asyncDispose]: () => worker.close() };
}

const REMEMBERED_ATTEMPTS = 10;

/** BullMQ keeps the stack of each attempt that failed; the first line says why. */
function letterOf(job: Job, { queue, reason }: { readonly queue: QueueName; readonly reason: string }): DeadLetter {
  const history = (job.stacktrace ?? []).slice(-REMEMBERED_ATTEMPTS).map((stack) => stack.split('\n', 1)[0] ?? '');
  const { id = '', data: payload, attemptsMade: attempts } = job;
  return { id, queue, payload, error: reason, history, attempts, buriedAt: new Date().toISOString() };
}

/** The whole queue, in all replicas. */
async function rest(worker: JobWorker, ms: number): Promise<RateLimitError> {
  await worker.rateLimit(ms);
  return new RateLimitError();
}

/** This job alone. */
async function delay(job: Job, ms: number, token: string | undefined): Promise<DelayedError> {
  await job.moveToDelayed(Date.now() + ms, token);
  return new DelayedError();
}

/** BullMQ keeps message and stack beside the job. */
function unrecoverable(error: unknown): UnrecoverableError {
  const { message, stack = message } = presentable(error);
  return Object.assign(new UnrecoverableError(message), { cause: error, stack });
}

function parse<Name extends QueueName>(queue: Name, data: unknown): PayloadOf<Name> {
  const parsed = catalogue[queue].payload.safeParse(data);
  if (!parsed.success) throw new UnrecoverableError(`payload of another version: ${parsed.error.message}`);
  return parsed.data;
}

async function renew(job: Job, token: string | undefined): Promise<void> {
  const askedAt = performance.now();
  if ((await job.extendLock(token ?? '', LOCK_MS)) === 0)
    throw new Error('the lock on this job was lost to another worker');
  // Who slept meanwhile wakes up to an answer of long ago.
  if (performance.now() - askedAt > LOCK_MS / 2)
    throw new Error('the lock on this job may have passed to another worker');
}
