import { messageOf, TransientError } from '../domain/errors.ts';
import { waitingSince } from './ages.ts';
import type { JobQueue, QueueBackend } from './backend.ts';
import {
  catalogue,
  type PayloadOf,
  type Publish,
  type PublishOptions,
  type QueueName,
  queueNames,
} from './catalogue.ts';
import { schedule } from './schedule.ts';

export interface Publisher extends AsyncDisposable {
  readonly publish: Publish;
  /** Runs an upkeep task for ever, `everyMs` apart, once among all replicas. */
  schedule(task: PayloadOf<'upkeep'>['task'], everyMs: number): Promise<void>;
  /** Brings back to the present what a clock that was ahead left in the queues; returns how many there were. */
  mend(): Promise<number>;
  /** Jobs per queue and state. */
  depths(): Promise<Readonly<Record<QueueName, Readonly<Record<string, number>>>>>;
  /** By queue: since when its oldest job waits that a worker could take, in milliseconds; null when none does. */
  waitingSince(): Promise<ReadonlyMap<QueueName, number | null>>;
  /** Jobs of these queues that wait for a worker or for their next attempt; not those that go behind everything else. */
  waiting(names: readonly QueueName[]): Promise<number>;
  /** Trims what BullMQ keeps of past events. */
  trimEvents(keep: number): Promise<void>;
}

/** Does something as the next step of a trace. */
type GoOn = <T>(trace: string | undefined, act: () => T) => T;

/** How long a publish may take before it counts as failed; a client library may otherwise wait for ever. */
const DEADLINE_MS = 2_000;

/** BullMQ takes jobs with a priority after those without. */
const URGENCY = { ahead: { lifo: true }, behind: { priority: 10 } } as const;

export function openPublisher(
  backend: QueueBackend,
  onError: (error: Error) => void,
  goOn: GoOn = (_, act) => act(),
): Publisher {
  const queues = new Map<QueueName, JobQueue>(queueNames.map((name) => [name, backend.queue(name)]));
  const queueOf = (name: QueueName): JobQueue => {
    const queue = queues.get(name);
    if (!queue) throw new Error(`no queue ${name}`);
    return queue;
  };
  for (const queue of queues.values()) queue.on('error', onError);
  return {
    publish: async (name, payloads, options = {}) => {
      const jobs = payloads.map((payload, index) => ({
        name,
        data: payload,
        opts: {
          jobId: catalogue[name].idOf(payload),
          attempts: catalogue[name].attempts,
          ...(options.urgency ? URGENCY[options.urgency] : {}),
          ...(options.delayMs ? { delay: Math.ceil(options.delayMs) } : {}),
          ...traceOf(options, index),
        },
      }));
      const queue = queueOf(name);
      if (options.isRevival)
        await removeResting(
          queue,
          jobs.map((job) => job.opts.jobId),
        );
      await within(DEADLINE_MS, addAll(queue, jobs, { bulkFrom: backend.bulkFrom, goOn }));
    },
    schedule: (task, everyMs) => schedule(queueOf('upkeep'), task, everyMs),
    mend: async () => {
      const now = Date.now();
      const mended = await Promise.all([...queues].map(([name, queue]) => backend.mend({ name, queue }, now)));
      return mended.reduce((sum, count) => sum + count, 0);
    },
    depths: () => depthsOf(queueOf),
    waitingSince: async () =>
      new Map(await Promise.all([...queues].map(async ([name, queue]) => [name, await waitingSince(queue)] as const))),
    waiting: async (names) => {
      const counts = await Promise.all(names.map((name) => queueOf(name).getJobCounts('waiting', 'delayed')));
      return counts.flatMap((count) => Object.values(count)).reduce((sum, count) => sum + count, 0);
    },
    trimEvents: async (keep) => {
      for (const [name, queue] of queues) await backend.trimEvents({ name, queue }, keep);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

async function depthsOf(queueOf: (name: QueueName) => JobQueue): ReturnType<Publisher['depths']> {
  const depthOf = (name: QueueName) =>
    queueOf(name).getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed');
  const [intake, triage, writeBack, undo, feedback, upkeep] = await Promise.all([
    depthOf('intake'),
    depthOf('triage'),
    depthOf('write-back'),
    depthOf('undo'),
    depthOf('feedback'),
    depthOf('upkeep'),
  ]);
  return { intake, triage, 'write-back': writeBack, undo, feedback, upkeep };
}

type Jobs = Parameters<JobQueue['addBulk']>[0];

function traceOf({ traces }: PublishOptions, index: number): Pick<NonNullable<Jobs[number]['opts']>, 'telemetry'> {
  const metadata = traces?.[index];
  return metadata === undefined ? {} : { telemetry: { metadata } };
}

async function addAll(
  queue: JobQueue,
  jobs: Jobs,
  { bulkFrom, goOn }: { readonly bulkFrom: number; readonly goOn: GoOn },
): Promise<void> {
  if (jobs.length >= bulkFrom) await queue.addBulk(jobs);
  // A single `add` knows only the trace it is called in.
  else
    await Promise.all(
      jobs.map(({ name, data, opts }) => goOn(opts?.telemetry?.metadata, () => queue.add(name, data, opts))),
    );
}

/** A job that rests would swallow a new one of the same id, and may hold a payload of another version. */
async function removeResting(queue: JobQueue, ids: readonly string[]): Promise<void> {
  for (const id of ids) await within(DEADLINE_MS, removeIfResting(queue, id));
}

async function removeIfResting(queue: JobQueue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  if (job && ((await job.isFailed()) || (await job.isCompleted()))) await job.remove();
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  // Cleared in the end: left to run out, it would cost more than the job (`AbortSignal.timeout` cannot be).
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TransientError(`the queue did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    if (cause instanceof TransientError) throw cause;
    throw new TransientError(refusalOf(cause), { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The first word of a refusal by Redis is its code. */
function refusalOf(cause: unknown): string {
  const message = messageOf(cause);
  if (message.startsWith('OOM')) return 'Redis takes no jobs: its memory (maxmemory) is full';
  if (message.startsWith('MISCONF')) return 'Redis takes no jobs: it cannot write to its disk';
  return 'the queue cannot be reached';
}
