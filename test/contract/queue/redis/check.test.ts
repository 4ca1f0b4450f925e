import { describe, expect, test } from 'vitest';
import { MisconfiguredError, TransientError } from '../../../../src/domain/errors.ts';
import { areInstalled, startRedis } from '../../../support/redis-server.ts';
import { triageJob } from '../yards.ts';
import { openDesk } from './support.ts';

const isPossible = areInstalled(['redis-server', 'redis-cli'], 'the check of how Redis is set up');

async function faultsOf(work: Promise<void>): Promise<readonly string[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (error instanceof MisconfiguredError) return error.faults;
    throw error;
  }
}

describe.skipIf(!isPossible)('a start on Redis', () => {
  test('goes on where every write is kept', async () => {
    await using redis = await startRedis();
    await using desk = openDesk(redis.url);
    expect(await faultsOf(desk.backend.prepare())).toEqual([]);
    expect(desk.reports).toEqual([]);
  });

  test('is refused where tickets would be forgotten or dropped, with what to do; done, it goes on', async () => {
    await using redis = await startRedis({
      appendOnly: false,
      config: ['maxmemory 100mb', 'maxmemory-policy allkeys-lru'],
    });
    const { host, port } = { host: '127.0.0.1', port: redis.port };
    await using desk = openDesk(redis.url);
    const faults = await faultsOf(desk.backend.prepare());
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain(`redis-cli -h ${host} -p ${port} CONFIG SET appendonly yes`);
    expect(faults[1]).toContain(`redis-cli -h ${host} -p ${port} CONFIG SET maxmemory-policy noeviction`);
    for (const fault of faults) expect(fault).toContain('REDIS_ACCEPT_LOSS=on');
    await redis.cli('config', 'set', 'appendonly', 'yes');
    await redis.cli('config', 'set', 'maxmemory-policy', 'noeviction');
    expect(await faultsOf(desk.backend.ping())).toEqual([]);
  });

  test('goes on where loss was accepted, and says once what may be lost', async () => {
    await using redis = await startRedis({ appendOnly: false });
    await using desk = openDesk(redis.url, { REDIS_ACCEPT_LOSS: 'on' });
    expect(await faultsOf(desk.backend.prepare())).toEqual([]);
    await desk.backend.ping();
    expect(desk.reports).toEqual([expect.stringContaining('forgets queued tickets when it restarts')]);
  });

  test('waits seconds for a Redis that is away; once it comes, it is looked at', async () => {
    await using redis = await startRedis({ appendOnly: false });
    await redis.stop();
    await using desk = openDesk(redis.url);
    const startedAt = performance.now();
    expect(await faultsOf(desk.backend.prepare())).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect(desk.reports).toEqual([expect.stringContaining('cannot be reached yet')]);
    await expect(desk.publish(triageJob())).rejects.toThrow(TransientError);
    await redis.restart();
    const forgets = expect.stringContaining('forgets queued tickets when it restarts');
    await expect.poll(() => desk.reports, { timeout: 10_000 }).toContainEqual(forgets);
    expect(await faultsOf(desk.backend.ping())).toEqual([forgets]);
  });

  test('is refused by who is not let in, without a word of the password', async () => {
    await using redis = await startRedis({
      config: ['requirepass right'],
      login: ['-a', 'right', '--no-auth-warning'],
    });
    await using desk = openDesk(redis.url.replace('//', '//:wrong-password@'));
    const faults = await faultsOf(desk.backend.prepare());
    expect(faults).toEqual([expect.stringContaining('does not let us in')]);
    expect(faults.join()).not.toContain('wrong-password');
  });
});

describe.skipIf(!isPossible)('a full Redis', () => {
  test('takes nothing, says so, and takes it again once there is room', async () => {
    await using redis = await startRedis({ config: ['maxmemory 4mb'] });
    await using desk = openDesk(redis.url);
    await desk.backend.prepare();
    await desk.publish(triageJob());
    await redis.cli('config', 'set', 'maxmemory', '1');
    const [one, ...many] = Array.from({ length: 20 }, () => triageJob());
    if (!one) throw new Error('no job');
    await expect(desk.publish(one)).rejects.toThrow(
      new TransientError('Redis takes no jobs: its memory (maxmemory) is full'),
    );
    await expect(desk.publish(...many)).rejects.toThrow(TransientError);
    await redis.cli('config', 'set', 'maxmemory', '0');
    await desk.publish(one);
    await using worker = desk.startWorker();
    await expect.poll(() => worker.runs, { timeout: 10_000 }).toContainEqual(one);
    expect(worker.runs).toHaveLength(2);
  });
});
