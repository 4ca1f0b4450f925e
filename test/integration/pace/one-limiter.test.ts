import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../src/adapters/postgres/migrations.ts';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import type { JiraSite } from '../../fakes/jira/door.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';
import { ownDatabase } from '../../support/database.ts';
import { type Replicas, startReplicas } from '../../support/pace/replicas.ts';

/** Of Jira's 50 and 150 a second, so that five processes on a small machine have time for them. */
const SHARE = 0.4;
const PUTS_PER_SECOND = 50 * SHARE;
const GETS_PER_SECOND = 150 * SHARE;
const REPLICAS = 4;
/** By real clocks: where the machine stands still for most of a second, requests arrive in a bunch all the same. */
const AGAIN = { retry: 2 };

interface Store extends AsyncDisposable {
  readonly books: string;
  readonly prefix: string;
}

const stores: readonly { readonly name: string; readonly open: () => Promise<Store> }[] = [
  ...given('TEST_REDIS_URL').map((url) => ({ name: 'Redis', open: () => onRedis(url) })),
  ...given('TEST_DATABASE_URL').map((url) => ({ name: 'PostgreSQL', open: () => onPostgres(url) })),
];

function given(name: string): string[] {
  const url = process.env[name];
  return url === undefined || url === '' ? [] : [url];
}

async function onRedis(books: string): Promise<Store> {
  const prefix = `test-${randomUUID()}`;
  return {
    books,
    prefix,
    [Symbol.asyncDispose]: async () => {
      const redis = new Redis(books);
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    },
  };
}

async function onPostgres(serverUrl: string): Promise<Store> {
  const database = await ownDatabase(serverUrl);
  const { driver } = openServer(database.url, () => {});
  await migrate(new Sql(driver));
  await driver.close();
  return { books: database.url, prefix: '', [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

describe.skipIf(stores.length === 0).each(stores)('four processes with one limiter in $name', ({ open }) => {
  let store: Store;
  let site: JiraSite;
  let replicas: Replicas;
  let issues: readonly string[];
  beforeAll(async () => {
    store = await open();
    site = await startJiraSite({
      openapi: 'off',
      burstPerSecond: { PUT: PUTS_PER_SECOND, GET: GETS_PER_SECOND },
    });
    issues = Array.from({ length: 300 }, () => site.addIssue({ projectKey: 'DESK', summary: 'x' }).key);
    replicas = await startReplicas(REPLICAS, { url: site.url, books: store.books, prefix: store.prefix, share: SHARE });
    // Code that runs for the first time is slow, and full buckets are what the tests begin with.
    await replicas.work({ forMs: 700, puts: 4, gets: 4, issues });
  });
  afterAll(async () => {
    await replicas?.[Symbol.asyncDispose]();
    await site?.close();
    await store?.[Symbol.asyncDispose]();
  });

  test('use what Jira allows, share it fairly, and are never told to slow down', AGAIN, async () => {
    const seconds = 5;
    await pause(1_000);
    site.requests.clear();
    const done = await replicas.work({ forMs: seconds * 1_000, puts: 4, gets: 12, issues });
    expect(site.requests.statuses()[429]).toBeUndefined();
    for (const [method, perSecond] of [
      ['PUT', PUTS_PER_SECOND],
      ['GET', GETS_PER_SECOND],
    ] as const) {
      const each = done.map((one) => one[method]);
      const all = each.reduce((sum, one) => sum + one, 0);
      expect(all).toBeGreaterThanOrEqual(0.9 * perSecond * seconds);
      expect(Math.min(...each)).toBeGreaterThanOrEqual((0.6 * all) / REPLICAS);
    }
  });

  test.each([
    ['for one kind of request', 'jira-burst-based', { PUT: true, GET: false }],
    ['for everything', 'jira-quota-tenant-based', { PUT: true, GET: true }],
  ])('stop together when one of them is told to, %s', AGAIN, async (_what, reason, rests) => {
    const retryAfterSeconds = 3;
    site.requests.clear();
    const working = replicas.work({ forMs: 6_000, puts: 4, gets: 6, issues });
    await pause(500);
    const fault = { match: { method: 'PUT' }, retryAfterSeconds };
    if (reason === 'jira-burst-based') site.faults.burst(fault);
    else site.faults.quota({ ...fault, reason });
    await working;
    expect(site.requests.statuses()[429]).toBe(1);
    const toldAt = site.requests.list({ status: 429 })[0]?.at ?? 0;
    const inPause = (method: string) =>
      // What was on its way when the answer came, it cannot stop.
      site.requests.list({ method }).filter(({ at }) => at > toldAt + 300 && at < toldAt + retryAfterSeconds * 1_000)
        .length;
    for (const method of ['PUT', 'GET'] as const) {
      if (rests[method]) expect(inPause(method)).toBe(0);
      else expect(inPause(method)).toBeGreaterThan(GETS_PER_SECOND);
    }
    const after = site.requests.list({ method: 'PUT' }).filter(({ at }) => at >= toldAt + retryAfterSeconds * 1_000);
    // A tenth of the full speed at first.
    expect(after.filter(({ at }) => at < toldAt + 4_000).length).toBeLessThanOrEqual(PUTS_PER_SECOND / 4);
    expect(after.length).toBeGreaterThan(0);
  });
});
