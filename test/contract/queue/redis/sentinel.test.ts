import { describe, expect, test } from 'vitest';
import { MisconfiguredError, TransientError } from '../../../../src/domain/errors.ts';
import { areInstalled, type RedisServer, startRedis } from '../../../support/redis-server.ts';
import { type Triage, triageJob } from '../yards.ts';
import { openDesk } from './support.ts';

const isPossible = areInstalled(['redis-server', 'redis-cli'], 'Redis under sentinels');

interface Watched extends AsyncDisposable {
  readonly master: RedisServer;
  readonly url: string;
}

/** A master, a replica that keeps less than it should, and three sentinels that replace one by the other in seconds. */
async function startWatched(): Promise<Watched> {
  await using started = new AsyncDisposableStack();
  const start = async (...how: Parameters<typeof startRedis>) => started.use(await startRedis(...how));
  const master = await start({ config: ['repl-diskless-sync-delay 0'] });
  const replica = await start({ appendOnly: false, config: [`replicaof 127.0.0.1 ${master.port}`] });
  await expect.poll(() => replica.cli('info', 'replication'), { timeout: 10_000 }).toContain('master_link_status:up');
  const sentinels = await Promise.all(
    [1, 2, 3].map(() =>
      start({
        isSentinel: true,
        config: [
          `sentinel monitor desk 127.0.0.1 ${master.port} 2`,
          'sentinel down-after-milliseconds desk 1000',
          'sentinel failover-timeout desk 5000',
        ],
      }),
    ),
  );
  // Each must know the other two and the replica before it can judge.
  for (const sentinel of sentinels)
    await expect
      .poll(() => sentinel.cli('info', 'sentinel'), { timeout: 20_000 })
      .toMatch(/status=ok,address=[^,]*,slaves=1,sentinels=3/);
  const opened = started.move();
  return {
    master,
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/desk/0`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

describe.skipIf(!isPossible)('queues under sentinels', () => {
  test('refuse at once when the master dies, go on after failover, and keep what was replicated', async () => {
    await using watched = await startWatched();
    await using desk = openDesk(watched.url);
    await desk.backend.prepare();
    const kept = Array.from({ length: 100 }, () => triageJob());
    await desk.publish(...kept);
    expect(await watched.master.cli('wait', '1', '5000')).toBe('1');
    await watched.master.kill();
    const startedAt = performance.now();
    await expect(desk.publish(triageJob())).rejects.toThrow(TransientError);
    expect(performance.now() - startedAt).toBeLessThan(2_500);

    await using worker = desk.startWorker(async () => {}, 4);
    const after: Triage[] = [];
    await expect
      .poll(
        async () => {
          const job = triageJob();
          await desk.publish(job);
          return after.push(job);
        },
        { timeout: 30_000 },
      )
      .toBe(1);
    const wanted = new Set([...kept, ...after].map(({ deliveryId }) => deliveryId));
    const missing = () => [...wanted].filter((id) => !worker.runs.some(({ deliveryId }) => deliveryId === id));
    await expect.poll(missing, { timeout: 30_000 }).toEqual([]);
    // Who took the master's place is looked at like the master was.
    await expect(desk.backend.ping()).rejects.toThrow(MisconfiguredError);
    expect(desk.reports).toContainEqual(expect.stringContaining('forgets queued tickets when it restarts'));
  });

  test('are told of a master that hangs, which closes no connection', async () => {
    await using watched = await startWatched();
    await using desk = openDesk(watched.url, { REDIS_ACCEPT_LOSS: 'on' });
    await desk.backend.prepare();
    await using worker = desk.startWorker();
    await desk.publish(triageJob());
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(1);
    await watched.master.cli('wait', '1', '5000');
    watched.master.freeze();
    const job = triageJob();
    await expect.poll(() => desk.publish(job).then(() => 'taken', String), { timeout: 30_000 }).toBe('taken');
    await expect.poll(() => worker.runs, { timeout: 30_000 }).toContainEqual(job);
  });
});
