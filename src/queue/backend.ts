import type { Job, JobsOptions, Queue, QueueOptions, Telemetry, Worker, WorkerOptions } from 'bullmq';
import { KEPT_EVENTS } from './retention.ts';

/** The part of BullMQ's classes that does not depend on where jobs are kept. */
export interface JobQueue
  extends Pick<
    Queue,
    | 'add'
    | 'addBulk'
    | 'getJobScheduler'
    | 'upsertJobScheduler'
    | 'removeJobScheduler'
    | 'getJobCounts'
    | 'getJobs'
    | 'trimEvents'
    | 'close'
  > {
  on(event: 'error', listener: (error: Error) => void): unknown;
  getJob(
    id: string,
  ): Promise<{ isFailed(): Promise<boolean>; isCompleted(): Promise<boolean>; remove(): Promise<void> } | undefined>;
}
export interface JobWorker extends Pick<Worker, 'rateLimit'> {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown;
  /** Lets running jobs finish; only while the backend is there to be told of it, so that it takes seconds elsewise. */
  close(): Promise<void>;
}

/** Where BullMQ keeps its jobs; everything else about queues is the same. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** From so many jobs on, one bulk insert is cheaper than single ones (on PGlite a bulk costs 10 ms, a single 0.6 ms). */
  readonly bulkFrom: number;
  /**
   * Makes ready whatever there is to be made; safe to run from every replica. Throws `MisconfiguredError` when the
   * backend would lose jobs as it is set up; waits a few seconds at most for one that cannot be reached.
   */
  prepare(): Promise<void>;
  /** A queue for publishing; its calls fail rather than wait when the backend is away. */
  queue(name: string): JobQueue;
  /** A worker; it waits for the backend however long it is away. */
  worker(
    name: string,
    process: (job: Job, token: string | undefined) => Promise<void>,
    options: WorkerSettings,
  ): JobWorker;
  /** Trims what BullMQ keeps of the past: of events about `keep`, of finished jobs what `retention.ts` says. */
  trimEvents(of: { readonly name: string; readonly queue: JobQueue }, keep: number): Promise<void>;
  /** Brings back to `now` what a clock that was ahead left behind; every wait begins anew. Returns how many there were. */
  mend(of: { readonly name: string; readonly queue: JobQueue }, now: number): Promise<number>;
  /** Throws when the backend does not answer, or answers but would lose jobs. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface WorkerSettings {
  readonly concurrency: number;
}

/** What every queue and worker of a backend has besides. */
export interface QueueExtras {
  /** Carries traces from who publishes a job to who runs it. */
  readonly telemetry?: Telemetry | undefined;
}

/** Milliseconds a job's lock lasts without being renewed. */
export const LOCK_MS = 8_000;

/** Milliseconds by which the clocks of two processes may be apart. */
export const SKEW_MS = 60_000;

/**
 * A dead worker's jobs come back within lock + one check, about 11 s; a live one renews every 4 s. Stalling is the
 * crash path, so it may happen a few times before a job counts as poison.
 */
const RECOVERY: Pick<WorkerOptions, 'lockDuration' | 'stalledInterval' | 'maxStalledCount' | 'runRetryDelay'> = {
  lockDuration: LOCK_MS,
  stalledInterval: 3_000,
  maxStalledCount: 5,
  // After a connection broke; by default a worker then does nothing for 15 s.
  runRetryDelay: 1_000,
};

/** BullMQ forgets a pause (`worker.rateLimit`) as soon as a sibling job ends, unless the worker has a limit of its own. */
const LIMITER = { max: 1_000_000, duration: 1_000 };

const LONGEST_PAUSE_MS = 5 * 60_000;

/** Doubles from one second to five minutes, give or take a quarter; `attempts` in the catalogue make it last a day. */
function pauseAfter(attemptsMade: number): number {
  const pause = Math.min(1_000 * 2 ** (attemptsMade - 1), LONGEST_PAUSE_MS);
  // A whole number: PostgreSQL refuses anything else, and the job would hang until it stalls.
  return Math.round(pause * (0.75 + Math.random() / 2));
}

const WORKER_OPTIONS = { ...RECOVERY, limiter: LIMITER, settings: { backoffStrategy: pauseAfter } };

/** Each attempt that fails adds where it did; of three hundred only the latest are told. */
const KEPT_TRACES = 10;

/** What BullMQ is told of every queue, wherever its jobs are kept. */
export function queueOptions(
  keep: Pick<JobsOptions, 'removeOnComplete' | 'removeOnFail'>,
  { telemetry }: QueueExtras,
): Omit<QueueOptions, 'connection'> {
  return {
    defaultJobOptions: { backoff: { type: 'custom' }, stackTraceLimit: KEPT_TRACES, ...keep },
    streams: { events: { maxLen: KEPT_EVENTS } },
    ...(telemetry ? { telemetry } : {}),
  };
}

/** What BullMQ is told of every worker. */
export function workerOptions(
  { concurrency }: WorkerSettings,
  { telemetry }: QueueExtras,
): Omit<WorkerOptions, 'connection'> {
  return { ...WORKER_OPTIONS, concurrency, ...(telemetry ? { telemetry } : {}) };
}
