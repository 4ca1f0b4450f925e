import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Books } from '../../../src/adapters/jira/pace/books.ts';
import { inProcessBooks } from '../../../src/adapters/jira/pace/in-process.ts';
import { postgresBooks } from '../../../src/adapters/postgres/pace.ts';
import { redisBooks } from '../../../src/adapters/redis/pace.ts';
import { databases, openMigrated } from './databases.ts';

/** Books of Jira's limits, empty at first, looked at by as many replicas as one likes. */
export interface Site extends AsyncDisposable {
  reset(): Promise<void>;
  replica(): Books;
}

/** Every kind of books at hand: Redis where TEST_REDIS_URL leads to one. */
export const sites: readonly { readonly name: string; readonly open: () => Promise<Site> }[] = [
  { name: 'in process', open: async () => siteInProcess() },
  ...redisUrls().map((url) => ({ name: 'Redis', open: () => siteOnRedis(url) })),
  ...databases.map(({ name, open }) => ({
    name,
    open: async () => {
      const { sql, [Symbol.asyncDispose]: dispose } = await openMigrated(open);
      return {
        reset: () => sql.script('truncate triage.pace'),
        replica: () => postgresBooks(sql),
        [Symbol.asyncDispose]: dispose,
      };
    },
  })),
];

function redisUrls(): string[] {
  const url = process.env['TEST_REDIS_URL'];
  return url === undefined || url === '' ? [] : [url];
}

function siteInProcess(): Site {
  const fresh = () => inProcessBooks({ now: () => performance.now() });
  let books = fresh();
  return {
    reset: async () => {
      books = fresh();
    },
    replica: () => books,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function siteOnRedis(url: string): Promise<Site> {
  const redis = new Redis(url);
  const prefix = `test-${randomUUID()}`;
  const erase = async () => {
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
  };
  return {
    reset: erase,
    replica: () => redisBooks(redis, { prefix, site: 'https://acme.atlassian.net' }),
    [Symbol.asyncDispose]: async () => {
      await erase();
      redis.disconnect();
    },
  };
}
