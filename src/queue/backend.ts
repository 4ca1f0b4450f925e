import {
  createPostgresBackend,
  isPgPool,
  type Job,
  type JobsOptions,
  type PgPool,
  Queue,
  type QueueOptions,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';

/** Where Redis is, and what the names of our keys there begin with. */
export interface RedisAccess {
  readonly url: string;
  readonly prefix: string;
}

/** The part of BullMQ's classes that does not depend on where jobs are kept. */
export interface JobQueue
  extends Pick<Queue, 'add' | 'addBulk' | 'upsertJobScheduler' | 'getJobCounts' | 'trimEvents' | 'close'> {
  on(event: 'error', listener: (error: Error) => void): unknown;
  getJob(
    id: string,
  ): Promise<{ isFailed(): Promise<boolean>; isCompleted(): Promise<boolean>; remove(): Promise<void> } | undefined>;
}
export interface JobWorker extends Pick<Worker, 'rateLimit' | 'close'> {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'failed', listener: (job: Job | undefined, error: Error) => void): unknown;
}

/** Where BullMQ keeps its jobs; everything else about queues is the same. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** From so many jobs on, one bulk insert is cheaper than single ones (on PGlite a bulk costs 10 ms, a single 0.6 ms). */
  readonly bulkFrom: number;
  /** Creates BullMQ's tables where it has any. Safe to run from every replica. */
  prepare(): Promise<void>;
  /** A queue for publishing; its calls fail rather than wait when the backend is away. */
  queue(name: string): JobQueue;
  /** A worker; it waits for the backend however long it is away. */
  worker(
    name: string,
    process: (job: Job, token: string | undefined) => Promise<void>,
    options: WorkerSettings,
  ): JobWorker;
  /** Trims what BullMQ keeps of a queue's past events to about `keep`. */
  trimEvents(of: { readonly name: string; readonly queue: JobQueue }, keep: number): Promise<void>;
  /** Throws when the backend does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface WorkerSettings {
  readonly concurrency: number;
}

/** Milliseconds a job's lock lasts without being renewed. */
export const LOCK_MS = 8_000;

/**
 * A dead worker's jobs come back within lock + one check, about 12 s; a live one renews every 4 s. Stalling is the
 * crash path, so it may happen a few times before a job counts as poison.
 */
const RECOVERY: Pick<WorkerOptions, 'lockDuration' | 'stalledInterval' | 'maxStalledCount'> = {
  lockDuration: LOCK_MS,
  stalledInterval: 4_000,
  maxStalledCount: 5,
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

const DEFAULT_JOB: JobsOptions = {
  backoff: { type: 'custom' },
  // On PostgreSQL each finished job goes through all that are kept: with 2,000 of them that took longer than the work.
  removeOnComplete: { count: 100 },
  removeOnFail: { age: 14 * 24 * 3600, count: 10_000 },
};

const QUEUE_OPTIONS: Omit<QueueOptions, 'connection'> = { defaultJobOptions: DEFAULT_JOB };

/** BullMQ on PostgreSQL: a server's pool, or the embedded database. The caller owns the pool. */
export function postgresQueues(given: unknown): QueueBackend {
  const pool = checkedPool(given);
  return {
    kind: 'postgres',
    bulkFrom: 16,
    prepare: async () => {
      const client = await pool.connect();
      try {
        await runMigrations(client);
        await client.query('set search_path to bullmq, public');
      } finally {
        client.release();
      }
    },
    queue: (name) => new Queue(name, { ...QUEUE_OPTIONS, connection: pool }, createPostgresBackend),
    worker: (name, process, options) =>
      new Worker(name, process, { ...WORKER_OPTIONS, ...options, connection: pool }, createPostgresBackend),
    // @NOTE BullMQ 6.7 does not implement trimEvents on PostgreSQL.
    trimEvents: async ({ name }, keep) => {
      await pool.query(
        'delete from bullmq.event where queue = $1 and id < (select max(id) from bullmq.event) - $2::bigint',
        [name, keep],
      );
    },
    ping: async () => void (await pool.query('select 1')),
    close: async () => {},
  };
}

/** BullMQ's own check: its types and those of node-postgres describe the same pool and do not fit each other. */
function checkedPool(pool: unknown): PgPool {
  if (!isPgPool(pool)) throw new Error('not a node-postgres pool');
  return pool;
}

/** BullMQ on Redis. */
export function redisQueues({ url, prefix }: RedisAccess, onError: (error: Error) => void): QueueBackend {
  // A publisher must not queue commands in memory: what is not in Redis is not accepted.
  const publisher = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(times * 200, 2_000),
  });
  const consumer = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 200, 2_000),
  });
  publisher.on('error', onError);
  consumer.on('error', onError);
  return {
    kind: 'redis',
    bulkFrom: 2,
    prepare: async () => {},
    // @NOTE the version check is one INFO at construction; when it fails BullMQ 6.7 keeps the failure for ever.
    queue: (name) =>
      new Queue(name, {
        ...QUEUE_OPTIONS,
        prefix,
        connection: publisher,
        skipWaitingForReady: true,
        skipVersionCheck: true,
      }),
    worker: (name, process, options) =>
      new Worker(name, process, { ...WORKER_OPTIONS, ...options, prefix, connection: consumer }),
    trimEvents: async ({ queue }, keep) => void (await queue.trimEvents(keep)),
    ping: async () => void (await publisher.ping()),
    close: async () => {
      publisher.disconnect();
      consumer.disconnect();
    },
  };
}
