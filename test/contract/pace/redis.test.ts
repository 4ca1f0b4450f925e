import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Ask, EVERYTHING } from '../../../src/adapters/jira/pace/books.ts';
import { sharedBooks } from '../../../src/adapters/jira/pace/shared.ts';
import { redisBooks } from '../../../src/adapters/redis/pace.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { areInstalled, type RedisServer, startRedis } from '../../support/redis-server.ts';

const ask = (parts: Partial<Ask> = {}): Ask => ({
  endpoint: 'PUT /issue/{}',
  perSecond: 50,
  issue: 'DESK-1',
  maxWaitMs: 1_000,
  isDue: false,
  ...parts,
});

describe.skipIf(!areInstalled(['redis-server', 'redis-cli'], 'books in a Redis of their own'))('books in Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  const booksAs = (client: Redis, site = 'https://acme.atlassian.net') =>
    redisBooks(client, { prefix: 'triage', site });
  beforeAll(async () => {
    // As a node of a cluster it refuses scripts whose keys belong on several servers.
    server = await startRedis({ config: ['cluster-enabled yes'] });
    await server.cli('cluster', 'addslotsrange', '0', '16383');
    await vi.waitFor(async () => expect(await server.cli('cluster', 'info')).toContain('cluster_state:ok'), 10_000);
    redis = new Redis(server.url, { maxRetriesPerRequest: 1, enableOfflineQueue: false, retryStrategy: () => 50 });
    redis.on('error', () => {});
    await vi.waitFor(() => expect(redis.status).toBe('ready'), 10_000);
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.[Symbol.asyncDispose]();
  });

  test('keep to one server of a cluster, and leave nothing behind for ever', async () => {
    const books = booksAs(redis);
    await books.book([ask(), ask({ issue: 'DESK-2' }), ask({ endpoint: 'GET /issue/{}', issue: null })]);
    await books.heed({ kind: 'pause', what: 'issue DESK-3', pauseMs: 2_000 });
    await books.heed({ kind: 'pause', what: 'POST /search', pauseMs: 2_000 });
    const keys = await redis.keys('*');
    expect(keys).toHaveLength(4);
    for (const key of keys) {
      expect(key).toMatch(/^triage:pace:\{[\w-]+\}/);
      expect(await redis.pttl(key)).toBeGreaterThan(1_000);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(2 * 3_600_000);
    }
  });

  test('are others for another site', async () => {
    await booksAs(redis).heed({ kind: 'pause', what: EVERYTHING, pauseMs: 2_000 });
    const [turn] = await booksAs(redis, 'https://other.atlassian.net').book([ask()]);
    expect(turn?.waitMs).toBe(0);
  });

  test('go on when the server forgot the scripts', async () => {
    await redis.script('FLUSH');
    expect(await booksAs(redis, 'forgetful').book([ask()])).toHaveLength(1);
    await redis.script('FLUSH');
    await booksAs(redis, 'forgetful').heed({ kind: 'ease', what: EVERYTHING, share: 0.5 });
  });

  test('work for a user who may touch nothing but names with our prefix', async () => {
    await server.cli('acl', 'setuser', 'narrow', 'on', '>secret', '~triage:*', '+@all');
    const narrow = new Redis(server.url, { username: 'narrow', password: 'secret' });
    const books = booksAs(narrow, 'narrow');
    expect(await books.book([ask()])).toMatchObject([{ waitMs: 0 }]);
    await books.heed({ kind: 'pause', what: 'issue DESK-1', pauseMs: 2_000 });
    narrow.disconnect();
  });

  test('make nobody wait for what a clock that was ahead had booked', async () => {
    const books = booksAs(redis, 'skewed');
    await books.book([ask()]);
    const ahead = Date.now() + 7 * 24 * 3_600_000;
    for (const key of (await redis.keys('*')).filter((one) => one.endsWith('issue DESK-1')))
      await redis.eval("redis.call('SET', KEYS[1], cmsgpack.pack({0, {tonumber(ARGV[1])}}))", 1, key, ahead);
    for (const key of (await redis.keys('*')).filter((one) => one.endsWith('}')))
      await redis.eval(
        "redis.call('HSET', KEYS[1], ARGV[2], cmsgpack.pack({tonumber(ARGV[1]), 0, tonumber(ARGV[1]), 0.5}))",
        1,
        key,
        ahead,
        'PUT /issue/{}',
      );
    const [turn] = await books.book([ask({ maxWaitMs: 0 })]);
    expect(turn?.waitMs).toBeLessThanOrEqual(61_000);
  });

  test('fail rather than wait when the server is gone, and go on when it is back', async () => {
    await server.stop();
    await expect(booksAs(redis).book([ask()])).rejects.toThrow(TransientError);
    await server.restart();
    await expect.poll(() => redis.ping().catch(() => 'away'), { timeout: 10_000 }).toBe('PONG');
    await expect.poll(() => server.cli('cluster', 'info'), { timeout: 10_000 }).toContain('cluster_state:ok');
    expect(await booksAs(redis).book([ask()])).toHaveLength(1);
  });

  test('that hang are stood in for, and used again', async () => {
    const said: string[] = [];
    const shared = sharedBooks(booksAs(redis, 'frozen'), {
      onAway: (why) => said.push(why),
      onBack: () => said.push('back'),
    });
    expect(await shared.book([ask()])).toMatchObject([{ waitMs: 0 }]);
    server.freeze();
    const startedAt = performance.now();
    expect(await shared.book([ask({ issue: null })])).toMatchObject([{ waitMs: 0 }]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await shared.heed({ kind: 'pause', what: EVERYTHING, pauseMs: 30_000 });
    server.thaw();
    const replica = booksAs(redis, 'frozen');
    await expect
      .poll(
        async () => {
          await shared.book([ask({ maxWaitMs: 0 })]);
          return said;
        },
        { timeout: 5_000 },
      )
      .toEqual(['no answer within 100 ms', 'back']);
    const [turn] = await replica.book([ask({ issue: 'DESK-9' })]);
    expect(turn).toMatchObject({ scope: 'site' });
  });
});
