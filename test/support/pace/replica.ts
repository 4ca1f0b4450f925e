import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { openPace } from '../../../src/adapters/jira/pace/pace.ts';
import { sharedBooks } from '../../../src/adapters/jira/pace/shared.ts';
import { openTransport } from '../../../src/adapters/jira/transport.ts';
import { postgresBooks } from '../../../src/adapters/postgres/pace.ts';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import { redisBooks } from '../../../src/adapters/redis/pace.ts';
import { RateLimitedError } from '../../../src/domain/errors.ts';

/** One of several processes that ask Jira as fast as they may, each message being one go. */
const { url, email, apiToken, books, prefix, share } = z
  .object({
    url: z.string(),
    email: z.string(),
    apiToken: z.string(),
    books: z.string(),
    prefix: z.string(),
    share: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const Order = z.object({ forMs: z.number(), puts: z.number(), gets: z.number(), issues: z.array(z.string()) });

const store = books.startsWith('redis')
  ? redisBooks(new Redis(books), { prefix, site: url })
  : postgresBooks(new Sql(openServer(books, () => {}).driver));
const shared = sharedBooks(store, { onAway: () => {}, onBack: () => {} });
const client = openTransport({ url, email, apiToken }, () => {}, openPace({ share, books: shared }));

/** Answers by method. */
async function work(order: z.infer<typeof Order>) {
  const until = performance.now() + order.forMs;
  const done = { PUT: 0, GET: 0 };
  let turn = Math.floor(Math.random() * order.issues.length);
  const lane = async (method: 'PUT' | 'GET') => {
    while (performance.now() < until) {
      const issue = order.issues[turn++ % order.issues.length] ?? '';
      const body = method === 'PUT' ? { body: { update: { labels: [{ add: 'x' }] } } } : {};
      try {
        await client.sendRequest({ method, url: `/rest/api/3/issue/${issue}`, ...body });
        done[method] += 1;
      } catch (error) {
        if (!(error instanceof RateLimitedError)) throw error;
        await pause(Math.max(0, Math.min(error.retryAfterMs, until - performance.now())));
      }
    }
  };
  await Promise.all([
    ...Array.from({ length: order.puts }, () => lane('PUT')),
    ...Array.from({ length: order.gets }, () => lane('GET')),
  ]);
  return done;
}

process.on('message', async (message) => {
  process.send?.(await work(Order.parse(message)));
});
process.on('disconnect', () => process.exit());
await store.book([]);
process.send?.('ready');
