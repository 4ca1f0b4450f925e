import { TransientError } from '../domain/errors.ts';
import type { JobQueue, QueueBackend } from './backend.ts';
import { catalogue, type PayloadOf, type Publish, type QueueName, queueNames } from './catalogue.ts';

export interface Publisher extends AsyncDisposable {
  readonly publish: Publish;
  /** Runs an upkeep task for ever, `everyMs` apart, once among all replicas. */
  schedule(task: PayloadOf<'upkeep'>['task'], everyMs: number): Promise<void>;
  /** Jobs per queue and state. */
  depths(): Promise<Readonly<Record<QueueName, Readonly<Record<string, number>>>>>;
  /** Trims what BullMQ keeps of past events. */
  trimEvents(keep: number): Promise<void>;
}

/** How long a publish may take before it counts as failed; a client library may otherwise wait for ever. */
const DEADLINE_MS = 2_000;

/** BullMQ takes jobs with a priority after those without. */
const URGENCY = { ahead: { lifo: true }, behind: { priority: 10 } } as const;

export function openPublisher(backend: QueueBackend, onError: (error: Error) => void): Publisher {
  const queues = new Map<QueueName, JobQueue>(queueNames.map((name) => [name, backend.queue(name)]));
  const queueOf = (name: QueueName): JobQueue => {
    const queue = queues.get(name);
    if (!queue) throw new Error(`no queue ${name}`);
    return queue;
  };
  for (const queue of queues.values()) queue.on('error', onError);
  return {
    publish: async (name, payloads, options = {}) => {
      const jobs = payloads.map((payload) => ({
        name,
        data: payload,
        opts: {
          jobId: catalogue[name].idOf(payload),
          attempts: catalogue[name].attempts,
          ...(options.urgency ? URGENCY[options.urgency] : {}),
          ...(options.delayMs ? { delay: Math.ceil(options.delayMs) } : {}),
        },
      }));
      const queue = queueOf(name);
      if (options.isRevival)
        await removeResting(
          queue,
          jobs.map((job) => job.opts.jobId),
        );
      await within(DEADLINE_MS, addAll(queue, jobs, backend.bulkFrom));
    },
    schedule: async (task, everyMs) => {
      await queueOf('upkeep').upsertJobScheduler(
        `upkeep-${task}`,
        { every: everyMs },
        { name: 'upkeep', data: { task } },
      );
    },
    depths: () => depthsOf(queueOf),
    trimEvents: async (keep) => {
      for (const [name, queue] of queues) await backend.trimEvents({ name, queue }, keep);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

async function depthsOf(queueOf: (name: QueueName) => JobQueue): ReturnType<Publisher['depths']> {
  const depthOf = (name: QueueName) => queueOf(name).getJobCounts('waiting', 'active', 'delayed', 'failed');
  const [triage, writeBack, undo, feedback, upkeep] = await Promise.all([
    depthOf('triage'),
    depthOf('write-back'),
    depthOf('undo'),
    depthOf('feedback'),
    depthOf('upkeep'),
  ]);
  return { triage, 'write-back': writeBack, undo, feedback, upkeep };
}

async function addAll(queue: JobQueue, jobs: Parameters<JobQueue['addBulk']>[0], bulkFrom: number): Promise<void> {
  if (jobs.length >= bulkFrom) await queue.addBulk(jobs);
  else await Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)));
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
  const timeout = AbortSignal.timeout(ms);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener('abort', () => reject(new TransientError(`the queue did not answer within ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    if (cause instanceof TransientError) throw cause;
    throw new TransientError('the queue cannot be reached', { cause });
  }
}
