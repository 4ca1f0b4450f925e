import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Context } from '../../src/compose.ts';
import { PermanentError, RateLimitedError, TransientError } from '../../src/domain/errors.ts';
import { postgresQueues, type QueueBackend, redisQueues } from '../../src/queue/backend.ts';
import type { PayloadOf } from '../../src/queue/catalogue.ts';
import { openPublisher } from '../../src/queue/publisher.ts';
import { type Run, runWorker } from '../../workers/run.ts';
import { databases } from './support/databases.ts';
import { workerContext } from './support/worker-context.ts';

interface Yard extends AsyncDisposable {
  readonly backend: QueueBackend;
  /** What the queue remembers of past events. */
  countEvents(queue: string): Promise<number>;
}

const yards = [
  ...databases.map(({ name, open }) => ({ name, open: () => postgresYard(open) })),
  ...redisUrls().map((url) => ({ name: 'Redis', open: async () => redisYard(url) })),
];

async function postgresYard(open: (typeof databases)[number]['open']): Promise<Yard> {
  const database = await open();
  const backend = postgresQueues(database.pool);
  await backend.prepare();
  return {
    backend,
    countEvents: async (queue) => {
      const rows = await database.sql.rows(
        z.object({ count: z.number() }),
        'select count(*)::int as count from bullmq.event where queue = $1',
        [queue],
      );
      return rows[0]?.count ?? 0;
    },
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

/** Uses the database of the URL as it is; name one that may be emptied. */
async function redisYard(url: string): Promise<Yard> {
  const redis = new Redis(url);
  await redis.flushdb();
  const backend = redisQueues({ url, prefix: 'triage' }, () => {});
  await untilThere(backend);
  return {
    backend,
    countEvents: (queue) => redis.xlen(`bull:${queue}:events`),
    [Symbol.asyncDispose]: async () => {
      await backend.close();
      await redis.flushdb();
      redis.disconnect();
    },
  };
}

type Triage = PayloadOf<'triage'>;

const job = (parts: Partial<Triage> = {}): Triage => ({
  deliveryId: randomUUID(),
  attempt: 1,
  issueId: '10001',
  isForced: false,
  overridesHumans: false,
  round: 0,
  ...parts,
});

describe.each(yards)('queues in $name', ({ open }) => {
  let yard: Yard;
  let context: Context;

  beforeAll(async () => {
    yard = await open();
  });
  beforeEach(() => {
    context = workerContext(yard.backend);
    return () => context[Symbol.asyncDispose]();
  });
  afterAll(() => yard[Symbol.asyncDispose]());

  /** A triage worker that keeps what it was given, and does with it what the test says. */
  function startWorker(process: (payload: Triage, run: Run) => Promise<void> = async () => {}, concurrency = 1) {
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

  const publish = (...payloads: Triage[]) => context.publisher.publish('triage', payloads);
  const failed = async () => (await context.publisher.depths()).triage['failed'] ?? 0;

  test('what is published reaches a worker whole', async () => {
    const payload = job({ isForced: true, issueId: 'IT-7' });
    await using worker = startWorker();
    await publish(payload);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toEqual([payload]);
  });

  test('jobs run in the order they came, few or many', async () => {
    const payloads = Array.from({ length: 41 }, (_, index) => job({ issueId: String(index) }));
    await publish(...payloads.slice(0, 1));
    await publish(...payloads.slice(1));
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(41);
    expect(worker.runs).toEqual(payloads);
  });

  test('the same job published twice runs once', async () => {
    const payload = job();
    const last = job();
    await publish(payload);
    await publish(payload, payload);
    await publish(last);
    await using worker = startWorker();
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toContainEqual(last);
    await publish(payload);
    const after = job();
    await publish(after);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toContainEqual(after);
    expect(worker.runs.filter(({ deliveryId }) => deliveryId === payload.deliveryId)).toHaveLength(1);
  });

  test('an urgent job overtakes those that wait', async () => {
    const normal = [job(), job(), job()];
    const urgent = job({ isForced: true });
    await publish(...normal);
    await context.publisher.publish('triage', [urgent], { urgency: 'ahead' });
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(4);
    expect(worker.runs[0]).toEqual(urgent);
  });

  test('a worker with nothing to do wakes at once when a job comes', async () => {
    await using worker = startWorker();
    const delays: number[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const startedAt = performance.now();
      await publish(job());
      await expect.poll(() => worker.runs.length, { timeout: 8_000, interval: 5 }).toBe(round);
      delays.push(performance.now() - startedAt);
    }
    // The first one may still meet a worker that is starting.
    for (const delay of delays.slice(1)) expect(delay).toBeLessThan(500);
  });

  test('a job that throws runs again until it works', async () => {
    await using worker = startWorker(async () => {
      if (worker.runs.length < 2) throw new TransientError('Jira was away');
    });
    await publish(job());
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(2);
    expect(worker.givenUp).toEqual([]);
  });

  test('a job that can never work is given up at once and stays visible', async () => {
    const before = await failed();
    const payload = job();
    await using worker = startWorker(async () => {
      throw new PermanentError('not an issue');
    });
    await publish(payload);
    await expect.poll(() => worker.givenUp, { timeout: 5_000 }).toEqual([`${payload.deliveryId}: not an issue`]);
    expect(worker.runs).toHaveLength(1);
    expect(await failed()).toBe(before + 1);
  });

  test('a payload of another version is given up without being run', async () => {
    const before = await failed();
    await using worker = startWorker();
    await yard.backend
      .queue('triage')
      .addBulk([{ name: 'triage', data: { was: 'different' }, opts: { jobId: `old-${randomUUID()}` } }]);
    await expect.poll(failed, { timeout: 5_000 }).toBe(before + 1);
    expect(worker.runs).toEqual([]);
  });

  test('a failed job published again stays failed, and as a revival runs again', async () => {
    const payload = job();
    const isBroken = { now: true };
    await using worker = startWorker(async () => {
      if (isBroken.now) throw new PermanentError('broken');
    });
    await publish(payload);
    await expect.poll(() => worker.givenUp.length, { timeout: 5_000 }).toBe(1);
    isBroken.now = false;
    await publish(payload);
    const marker = job();
    await publish(marker);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toContainEqual(marker);
    expect(worker.runs.filter(({ deliveryId }) => deliveryId === payload.deliveryId)).toHaveLength(1);
    await context.publisher.publish('triage', [payload], { isRevival: true });
    await expect
      .poll(() => worker.runs.filter(({ deliveryId }) => deliveryId === payload.deliveryId).length, { timeout: 5_000 })
      .toBe(2);
  });

  test('a job that fails every time is given up once, with its last reason', async () => {
    const payload = job();
    await using worker = startWorker(async () => {
      throw new Error('a bug');
    });
    await yard.backend
      .queue('triage')
      .addBulk([{ name: 'triage', data: payload, opts: { jobId: `once-${payload.deliveryId}`, attempts: 1 } }]);
    await expect.poll(() => worker.givenUp, { timeout: 5_000 }).toEqual([`${payload.deliveryId}: a bug`]);
    expect(worker.runs).toHaveLength(1);
  });

  test('a site that asks for a pause gets one from every job, at the price of no attempt', async () => {
    const times: number[] = [];
    await using worker = startWorker(async () => {
      times.push(performance.now());
      if (times.length === 1) throw new RateLimitedError('slow down', { retryAfterMs: 1_000, scope: 'site' });
    });
    await publish(job(), job());
    await expect.poll(() => times.length, { timeout: 10_000 }).toBe(3);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
    expect(worker.givenUp).toEqual([]);
  });

  test('a pause of the site holds while many jobs run at once', async () => {
    let asked = 0;
    const until = performance.now() + 1_500;
    const slowDown = async () => {
      if (performance.now() > until) return;
      asked++;
      throw new RateLimitedError('slow down', { retryAfterMs: until - performance.now(), scope: 'site' });
    };
    await using worker = startWorker(slowDown, 8);
    await publish(...Array.from({ length: 60 }, () => job()));
    await expect.poll(() => worker.runs.length - asked, { timeout: 15_000 }).toBe(60);
    expect(asked).toBeLessThan(40);
  });

  test('an issue that asks for a pause holds up no other issue', async () => {
    const limited = job({ issueId: '1' });
    const other = job({ issueId: '2' });
    const times = new Map<string, number[]>();
    await using worker = startWorker(async ({ issueId }) => {
      const mine = [...(times.get(issueId) ?? []), performance.now()];
      times.set(issueId, mine);
      if (issueId === '1' && mine.length === 1)
        throw new RateLimitedError('slow down', { retryAfterMs: 800, scope: 'issue' });
    });
    await publish(limited, other);
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(3);
    // Jobs published together may start in either order.
    const order = worker.runs.map(({ issueId }) => issueId);
    expect([order.slice(0, 2).toSorted(), order[2]]).toEqual([['1', '2'], '1']);
    const [first = 0, second = 0] = times.get('1') ?? [];
    expect(second - first).toBeGreaterThan(700);
  });

  test('a running job still holds its lock', async () => {
    const held: string[] = [];
    await using _worker = startWorker(async (_payload, run) => {
      await run.assertStillOurs();
      held.push('yes');
    });
    await publish(job());
    await expect.poll(() => held, { timeout: 5_000 }).toEqual(['yes']);
  });

  test('closing a worker lets its running job finish', async () => {
    const steps: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = startWorker(async () => {
      steps.push('started');
      await gate;
      steps.push('finished');
    });
    await publish(job());
    await expect.poll(() => steps, { timeout: 5_000 }).toEqual(['started']);
    const closing = worker[Symbol.asyncDispose]();
    release();
    await closing;
    expect(steps).toEqual(['started', 'finished']);
  });

  test('depths tell what waits in which queue', async () => {
    const before = await context.publisher.depths();
    await context.publisher.publish('feedback', [
      { deliveryId: randomUUID(), attempt: 1, issueId: '1', intent: 'learn' },
      { deliveryId: randomUUID(), attempt: 1, issueId: '2', intent: 'forget' },
    ]);
    const after = await context.publisher.depths();
    expect((after.feedback['waiting'] ?? 0) - (before.feedback['waiting'] ?? 0)).toBe(2);
    expect(after['write-back']).toEqual(before['write-back']);
  });

  test('a scheduled task runs again and again, once among all replicas', async () => {
    await using replica = openPublisher(yard.backend, () => {});
    await context.publisher.schedule('requeue', 300);
    await replica.schedule('requeue', 300);
    const times: number[] = [];
    const worker = runWorker(context, {
      queue: 'upkeep',
      concurrency: 4,
      process: async ({ task }) => {
        if (task === 'requeue') times.push(performance.now());
      },
      giveUp: async () => {},
    });
    await expect.poll(() => times.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    await worker[Symbol.asyncDispose]();
    // One scheduler every 300 ms: two of them would have run four times in half the time.
    expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(600);
  });

  test('trimming leaves about as many past events as asked for', async () => {
    await publish(...Array.from({ length: 300 }, () => job()));
    expect(await yard.countEvents('triage')).toBeGreaterThan(250);
    await context.publisher.trimEvents(50);
    expect(await yard.countEvents('triage')).toBeLessThanOrEqual(150);
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 20_000 }).toBe(300);
  });

  test('says whether it is there', async () => {
    await expect(yard.backend.ping()).resolves.toBeUndefined();
  });
});

describe('a queue that is away', () => {
  test('refuses to publish within seconds, so that the sender can be told', async () => {
    const backend = redisQueues({ url: 'redis://127.0.0.1:1', prefix: 'triage' }, () => {});
    const publisher = openPublisher(backend, () => {});
    const startedAt = performance.now();
    await expect(publisher.publish('triage', [job()])).rejects.toThrow(TransientError);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    await backend.close();
  });
});

/** Redis takes a moment to connect, and a publisher does not wait for it. */
async function untilThere(backend: QueueBackend): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    try {
      return await backend.ping();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resume) => setImmediate(resume));
    }
  }
}
