import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Books } from '../../src/adapters/jira/pace/books.ts';
import { openPace } from '../../src/adapters/jira/pace/pace.ts';
import { sharedBooks } from '../../src/adapters/jira/pace/shared.ts';
import { openTransport } from '../../src/adapters/jira/transport.ts';
import { migrate } from '../../src/adapters/postgres/migrations.ts';
import { postgresBooks } from '../../src/adapters/postgres/pace.ts';
import { openServer } from '../../src/adapters/postgres/server.ts';
import { Sql } from '../../src/adapters/postgres/sql.ts';
import { redisBooks } from '../../src/adapters/redis/pace.ts';
import { ownDatabase } from '../support/database.ts';
import { report, round } from './report.ts';

const CALLS = Number(process.env['BENCH_CALLS'] ?? 4_000);
/** High enough that nothing waits: what is measured is the price of asking. */
const SHARE = 1_000_000;
const JIRA_BODY = JSON.stringify({
  id: '10001',
  key: 'DESK-1',
  fields: { summary: 'x', description: 'word '.repeat(600) },
});

/** Own processor time of one request to Jira, by where its turn is booked; the server is another process. */
async function main(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const { child, url } = await startServer();
  opened.defer(() => void child.kill());
  const floor = await measure(async () => {
    const response = await fetch(`${url}/rest/api/3/issue/10001`, {
      redirect: 'error',
      signal: AbortSignal.timeout(15_000),
    });
    JSON.parse(await response.text());
  });
  report('pace', { booked: 'no limiter, global fetch', ...floor });
  const stores: [name: string, books: Books | undefined][] = [['in process', undefined]];
  const redisUrl = process.env['TEST_REDIS_URL'];
  if (redisUrl) {
    const redis = new Redis(redisUrl);
    opened.defer(() => redis.disconnect());
    stores.push(['Redis', redisBooks(redis, { prefix: 'bench', site: url })]);
  }
  const databaseUrl = process.env['TEST_DATABASE_URL'];
  if (databaseUrl) {
    const database = opened.use(await ownDatabase(databaseUrl));
    const { driver } = openServer(database.url, () => {});
    opened.defer(() => driver.close());
    await migrate(new Sql(driver));
    stores.push(['PostgreSQL', postgresBooks(new Sql(driver))]);
  }
  for (const [booked, store] of stores) {
    const books = store && sharedBooks(store, { onAway: (why) => process.stderr.write(`${why}\n`), onBack: () => {} });
    const pace = openPace({ share: SHARE, books });
    const client = openTransport({ url, email: 'bot@example.com', apiToken: 'token' }, () => {}, pace);
    const send = () => client.sendRequest({ method: 'GET', url: '/rest/api/3/issue/10001' });
    report('pace', { booked, ...(await measure(send)) });
  }
}

/** Eight at a time, as a worker does, and one after the other. */
async function measure(send: () => Promise<unknown>) {
  const eight = await cost(send, 8);
  const one = await cost(send, 1);
  return {
    cpuMicrosecondsOfEight: round(eight.cpu),
    cpuMicrosecondsAlone: round(one.cpu),
    millisecondsAlone: round(one.ms, 2),
  };
}

async function cost(send: () => Promise<unknown>, lanes: number) {
  const run = async (count: number) => {
    let left = count;
    const lane = async () => {
      while (left-- > 0) await send();
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  };
  await run(CALLS / 4);
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await run(CALLS);
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / CALLS, ms: (performance.now() - startedAt) / CALLS };
}

async function startServer(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(fileURLToPath(import.meta.url), ['serve']);
  const [port] = await once(child, 'message');
  return { child, url: `http://127.0.0.1:${z.number().parse(port)}` };
}

function serve(): void {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'X-RateLimit-Limit': '350',
        'X-RateLimit-Remaining': '349',
      });
      response.end(JIRA_BODY);
    });
  }).listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address !== 'string') process.send?.(address.port);
  });
  process.on('disconnect', () => process.exit());
}

if (process.argv[2] === 'serve') serve();
else await main();
