import { DelayedError, type Job, RateLimitError, UnrecoverableError } from 'bullmq';
import type { Context } from '../src/compose.ts';
import { messageOf, PermanentError, RateLimitedError } from '../src/domain/errors.ts';
import { type JobWorker, LOCK_MS } from '../src/queue/backend.ts';
import { catalogue, type PayloadOf, type QueueName } from '../src/queue/catalogue.ts';
import type { Logger } from '../src/telemetry/log.ts';

/** What a processor may know about the job it runs in. */
export interface Run {
  readonly log: Logger;
  /** When it was published, in milliseconds of the publisher's clock. */
  readonly queuedAt: number;
  /** Throws when the job's lock was lost, that is, when another worker may be running the same job. */
  readonly assertStillOurs: () => Promise<void>;
}

export interface Processor<Name extends QueueName> {
  readonly queue: Name;
  readonly concurrency: number;
  readonly process: (payload: PayloadOf<Name>, run: Run) => Promise<void>;
  /** Called once when no attempt is left, so that nothing ends silently. */
  readonly giveUp: (payload: PayloadOf<Name>, reason: string) => Promise<void>;
}

/** The one place that wraps a processor: parses the payload, logs, measures, and turns our errors into job outcomes. */
export function runWorker<Name extends QueueName>(context: Context, processor: Processor<Name>): AsyncDisposable {
  const { queue, concurrency } = processor;
  const log = context.log.child({ queue });
  const worker: JobWorker = context.queues.worker(queue, (job, token) => attempt(job, token), { concurrency });
  worker.on('error', (error) => log.warn({ err: error }, 'worker'));
  worker.on('failed', (job, error) => void buryIfLast(job, error));

  async function attempt(job: Job, token: string | undefined): Promise<void> {
    const payload = parse(queue, job.data);
    const jobLog = log.child({ jobId: job.id, attempt: job.attemptsMade + 1, playbook: context.playbook().revision });
    const stop = context.metrics.jobSeconds.startTimer({ queue });
    try {
      await processor.process(payload, {
        log: jobLog,
        queuedAt: job.timestamp,
        assertStillOurs: () => renew(job, token),
      });
      context.metrics.jobs.inc({ queue, result: 'done' });
    } catch (error) {
      context.metrics.jobs.inc({ queue, result: error instanceof Error ? error.name : 'error' });
      jobLog.warn({ err: error }, 'attempt failed');
      throw await translate(error, job, token);
    } finally {
      stop();
    }
  }

  async function translate(error: unknown, job: Job, token: string | undefined): Promise<unknown> {
    if (error instanceof PermanentError) return new UnrecoverableError(error.message);
    if (!(error instanceof RateLimitedError)) return error;
    const pauseMs = Math.ceil(error.retryAfterMs);
    if (error.scope === 'site') {
      await worker.rateLimit(pauseMs);
      return new RateLimitError();
    }
    await job.moveToDelayed(Date.now() + pauseMs, token);
    return new DelayedError();
  }

  async function buryIfLast(job: Job | undefined, error: Error): Promise<void> {
    if (!job || (job.finishedOn === undefined && job.attemptsMade < catalogue[queue].attempts)) return;
    try {
      await processor.giveUp(parse(queue, job.data), error.message);
      log.error({ jobId: job.id, why: error.message }, 'gave up');
    } catch (cause) {
      // The requeue sweep finds what stays open and comes back here.
      log.error({ jobId: job.id, why: messageOf(cause) }, 'could not record that a job was given up');
    }
  }

  return { [Symbol.asyncDispose]: () => worker.close() };
}

function parse<Name extends QueueName>(queue: Name, data: unknown): PayloadOf<Name> {
  const parsed = catalogue[queue].payload.safeParse(data);
  if (!parsed.success) throw new UnrecoverableError(`payload of another version: ${parsed.error.message}`);
  return parsed.data;
}

async function renew(job: Job, token: string | undefined): Promise<void> {
  if ((await job.extendLock(token ?? '', LOCK_MS)) === 0)
    throw new Error('the lock on this job was lost to another worker');
}
