import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../../src/domain/errors.ts';
import { areInstalled, type RedisServer, startRedis } from '../../../support/redis-server.ts';
import { triageJob } from '../yards.ts';
import { openDesk } from './support.ts';

const isPossible = areInstalled(['redis-server', 'redis-cli'], 'queues whose Redis goes away');
/** What "a few seconds" are, on a busy machine. */
const SOON_MS = 6_000;

async function measured(work: PromiseLike<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

/** How often it was asked whether it is there; whoever waits for it asks twice a second. */
async function pings({ cli }: RedisServer): Promise<number> {
  return Number(/cmdstat_ping:calls=(\d+)/.exec(await cli('info', 'commandstats'))?.[1]);
}

test('a queue that was never there refuses within seconds, so that the sender can be told', async () => {
  await using desk = openDesk('redis://127.0.0.1:1');
  expect(await measured(expect(desk.publish(triageJob())).rejects.toThrow(TransientError))).toBeLessThan(2_500);
});

describe.skipIf(!isPossible)('a Redis that goes away', () => {
  test('loses nothing it acknowledged; workers go on by themselves', async () => {
    await using redis = await startRedis();
    await using desk = openDesk(redis.url);
    await desk.backend.prepare();
    await using worker = desk.startWorker();
    const before = triageJob();
    await desk.publish(before);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toEqual([before]);
    await redis.kill();
    const refused = triageJob();
    expect(await measured(expect(desk.publish(refused)).rejects.toThrow(TransientError))).toBeLessThan(2_500);
    await redis.restart();
    await expect
      .poll(
        () =>
          desk.backend.ping().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    const after = triageJob();
    await desk.publish(after);
    await expect.poll(() => worker.runs, { timeout: 15_000 }).toContainEqual(after);
  });

  test('keeps what was acknowledged through a kill, and gives it to a worker that waited for it', async () => {
    await using redis = await startRedis();
    await using desk = openDesk(redis.url);
    await desk.backend.prepare();
    const jobs = Array.from({ length: 200 }, () => triageJob());
    await Promise.all(jobs.map((job) => desk.publish(job)));
    await redis.kill();
    await using worker = desk.startWorker(async () => {}, 8);
    await redis.restart();
    await expect.poll(() => worker.runs.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(200);
    expect(new Set(worker.runs.map(({ deliveryId }) => deliveryId))).toEqual(
      new Set(jobs.map(({ deliveryId }) => deliveryId)),
    );
  });
});

describe.skipIf(!isPossible)('closing', () => {
  test.each([
    ['was killed', ({ kill }: RedisServer) => kill()],
    ['no longer answers', async ({ freeze }: RedisServer) => freeze()],
  ])('takes seconds when Redis %s, while a worker waits for jobs', async (_how, away) => {
    await using redis = await startRedis();
    const desk = openDesk(redis.url);
    await desk.backend.prepare();
    const worker = desk.startWorker();
    await desk.publish(triageJob());
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(1);
    await away(redis);
    expect(await measured(worker[Symbol.asyncDispose]())).toBeLessThan(SOON_MS);
    expect(await measured(desk[Symbol.asyncDispose]())).toBeLessThan(SOON_MS);
  });

  test('takes seconds when Redis was never there', async () => {
    const desk = openDesk('redis://127.0.0.1:1');
    const worker = desk.startWorker();
    expect(await measured(worker[Symbol.asyncDispose]())).toBeLessThan(SOON_MS);
    expect(await measured(desk[Symbol.asyncDispose]())).toBeLessThan(SOON_MS);
  });

  test('waits for a running job while Redis is there, and seconds after it is gone', async () => {
    await using redis = await startRedis();
    await using desk = openDesk(redis.url);
    await desk.backend.prepare();
    const gate = Promise.withResolvers<void>();
    const worker = desk.startWorker(() => gate.promise);
    await desk.publish(triageJob());
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(1);
    let isClosed = false;
    const closing = worker[Symbol.asyncDispose]().then(() => {
      isClosed = true;
    });
    // Longer than what an absent Redis is waited for.
    const asked = await pings(redis);
    await expect.poll(() => pings(redis), { timeout: 20_000 }).toBeGreaterThan(asked + 8);
    expect(isClosed).toBe(false);
    await redis.kill();
    expect(await measured(closing)).toBeLessThan(SOON_MS);
    gate.resolve();
  });

  test('of one worker leaves the others at work', async () => {
    await using redis = await startRedis();
    await using desk = openDesk(redis.url);
    await desk.backend.prepare();
    await using staying = desk.startWorker();
    const leaving = desk.startWorker();
    await leaving[Symbol.asyncDispose]();
    const job = triageJob();
    await desk.publish(job);
    await expect.poll(() => staying.runs, { timeout: 5_000 }).toEqual([job]);
  });
});
