import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { z } from 'zod';
import type { Context } from '../../../src/compose.ts';
import type { QueueBackend } from '../../../src/queue/backend.ts';
import type { PayloadOf } from '../../../src/queue/catalogue.ts';
import { postgresQueues } from '../../../src/queue/postgres.ts';
import { redisQueues } from '../../../src/queue/redis.ts';
import { type Run, runWorker } from '../../../workers/run.ts';
import { redisAccess } from '../../support/redis-access.ts';
import { databases } from '../support/databases.ts';
import { workerContext } from '../support/worker-context.ts';

/** Queues that nobody else uses. */
export interface Yard extends AsyncDisposable {
  readonly backend: QueueBackend;
  /** What the queue remembers of past events. */
  countEvents(queue: string): Promise<number>;
  /** Jobs that are kept although they are done. */
  countCompleted(queue: string): Promise<number>;
}

export interface YardMaker {
  readonly name: string;
  readonly open: () => Promise<Yard>;
}

/** Every place for queues at hand: always PGlite, and the servers in TEST_DATABASE_URL and TEST_REDIS_URL. */
export const yards: readonly YardMaker[] = [
  ...databases.map(({ name, open }) => ({ name, open: () => postgresYard(open) })),
  ...redisUrls().map((url) => ({ name: 'Redis', open: () => redisYard(url) })),
];

async function postgresYard(open: (typeof databases)[number]['open']): Promise<Yard> {
  const database = await open();
  const backend = postgresQueues(database.pool);
  await backend.prepare();
  const count = async (statement: string, queue: string) => {
    const [row] = await database.sql.rows(z.object({ count: z.number() }), statement, [queue]);
    return row?.count ?? 0;
  };
  return {
    backend,
    countEvents: (queue) => count('select count(*)::int as count from bullmq.event where queue = $1', queue),
    countCompleted: (queue) =>
      count("select count(*)::int as count from bullmq.job where queue = $1 and state = 'completed'", queue),
    [Symbol.asyncDispose]: async () => {
      await backend.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

function redisUrls(): string[] {
  const url = process.env['TEST_REDIS_URL'];
  return url === undefined || url === '' ? [] : [url];
}

/** Under names of its own, so that files can run side by side. */
async function redisYard(url: string): Promise<Yard> {
  const redis = new Redis(url);
  const prefix = `test-${randomUUID()}`;
  const backend = redisQueues(redisAccess(url, { REDIS_PREFIX: prefix, REDIS_ACCEPT_LOSS: 'on' }), {
    onError: () => {},
  });
  await backend.prepare();
  return {
    backend,
    countEvents: (queue) => redis.xlen(`${prefix}:${queue}:events`),
    countCompleted: (queue) => redis.zcard(`${prefix}:${queue}:completed`),
    [Symbol.asyncDispose]: async () => {
      await backend.close();
      for await (const keys of redis.scanStream({ match: `${prefix}:*` })) for (const key of keys) await redis.del(key);
      redis.disconnect();
    },
  };
}

export type Triage = PayloadOf<'triage'>;

/** A job for the triage queue that is like no other. */
export const triageJob = (parts: Partial<Triage> = {}): Triage => ({
  deliveryId: randomUUID(),
  attempt: 1,
  issueId: '10001',
  isForced: false,
  overridesHumans: false,
  round: 0,
  ...parts,
});

export interface TriageWorker extends AsyncDisposable {
  /** What it was given, in that order. */
  readonly runs: readonly Triage[];
  /** Deliveries whose job was given up, each with why. */
  readonly givenUp: readonly string[];
}

/** A worker that keeps what it was given, and does with it what the test says. */
export function triageWorker(
  context: Context,
  process: (payload: Triage, run: Run) => Promise<void> = async () => {},
  concurrency = 1,
): TriageWorker {
  const runs: Triage[] = [];
  const givenUp: string[] = [];
  const worker = runWorker(context, {
    queue: 'triage',
    concurrency,
    process: async (payload, run) => {
      runs.push(payload);
      await process(payload, run);
    },
    giveUp: async ({ deliveryId }, reason) => void givenUp.push(`${deliveryId}: ${reason}`),
  });
  return { runs, givenUp, [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose]() };
}

/** Opens queues for the suite this is called in, and what a worker runs in for each of its tests. */
export function inYard(open: () => Promise<Yard>) {
  const now: { yard: Yard | null; context: Context | null } = { yard: null, context: null };
  beforeAll(async () => {
    now.yard = await open();
  });
  beforeEach(() => {
    const context = workerContext(opened(now.yard).backend);
    now.context = context;
    return () => context[Symbol.asyncDispose]();
  });
  afterAll(async () => now.yard?.[Symbol.asyncDispose]());
  const context = () => opened(now.context);
  return {
    yard: () => opened(now.yard),
    context,
    /** BullMQ's own queue, for jobs that our publisher would not make. */
    bareQueue: () => {
      const queue = opened(now.yard).backend.queue('triage');
      queue.on('error', () => {});
      return queue;
    },
    publish: (...payloads: Triage[]) => context().publisher.publish('triage', payloads),
    failed: async () => (await context().publisher.depths()).triage['failed'] ?? 0,
    startWorker: (process?: (payload: Triage, run: Run) => Promise<void>, concurrency?: number) =>
      triageWorker(context(), process, concurrency),
  };
}

function opened<T>(part: T | null): T {
  if (part === null) throw new Error('not opened yet');
  return part;
}
