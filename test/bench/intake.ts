import { Redis } from 'ioredis';
import { ownDatabase } from '../support/database.ts';
import { burst } from './intake/burst.ts';
import { CONNECTIONS, type Rounds, ratioOf, startTarget, takeTurns } from './intake/rounds.ts';
import { steadyLoad } from './load.ts';
import { quantile, report, round, table } from './report.ts';

const [burstSize = 10_000] = process.argv.slice(2).map(Number);
const ROUNDS = { rounds: 5, count: 6_000 };
const STEADY = { perSecond: 300, seconds: 8 };
const MOST_MS = 50;

/** Signed webhooks of 5.3 kB: acknowledged per second and against a bare handler, the wait at a steady rate, a burst. */
const redisUrl = process.env['TEST_REDIS_URL'];
const serverUrl = process.env['TEST_DATABASE_URL'];
if (redisUrl) {
  await using database = serverUrl ? await ownDatabase(serverUrl) : null;
  const env = { REDIS_URL: redisUrl, ...(database ? { DATABASE_URL: database.url } : {}) };
  await againstFloor(redisUrl, env);
  if (database) await bursting(env);
} else process.stdout.write('TEST_REDIS_URL is not set: intake on Redis is not measured\n');
await embedded();

/** Both are up at the same time and take turns; Redis is emptied between, for it would only grow. */
async function againstFloor(url: string, env: Readonly<Record<string, string>>): Promise<void> {
  await using floor = await startTarget('bare-intake', { REDIS_URL: url });
  await using ours = await startTarget('intake', env);
  const redis = new Redis(url);
  const empty = async () => void (await redis.flushdb());
  const [bare, service] = await takeTurns([floor.service, ours.service], { ...ROUNDS, before: empty });
  if (!bare || !service) throw new Error('two were to be measured');
  await empty();
  const bareSteady = await steadyLoad(floor.service.url, STEADY);
  const steady = await steadyLoad(ours.service.url, STEADY);
  await empty();
  await redis.quit();
  table(`intake on Redis, ${CONNECTIONS} connections, then a steady ${STEADY.perSecond}/s`, [
    row('express + HMAC + queue.add', bare, bareSteady.latenciesMs),
    row('jira-triage', service, steady.latenciesMs),
  ]);
  report('intake', {
    queue: 'redis',
    ratioToFloor: round(ratioOf(service, bare), 2),
    cpuRatioToFloor: round(service.cpuUs / bare.cpuUs, 2),
    statuses: JSON.stringify(service.statuses),
    steadyStatuses: JSON.stringify(steady.statuses),
    steadyP99Ms: round(quantile(steady.latenciesMs, 0.99)),
    steadyIsQuick: String(quantile(steady.latenciesMs, 0.99) <= MOST_MS),
  });
}

function row(name: string, { perSecond, cpuUs, latenciesMs }: Rounds, steadyMs: readonly number[]) {
  return {
    '': name,
    'acks/s, median': round(quantile(perSecond, 0.5), 0),
    'CPU per ack µs': round(cpuUs, 0),
    'p50 ms': round(quantile(latenciesMs, 0.5)),
    'p99 ms': round(quantile(latenciesMs, 0.99)),
    'steady p50 ms': round(quantile(steadyMs, 0.5)),
    'steady p99 ms': round(quantile(steadyMs, 0.99)),
  };
}

async function bursting(env: Readonly<Record<string, string>>): Promise<void> {
  const { acksPerSecond, p99Ms, statuses, ended, seconds } = await burst(burstSize, env);
  const others = Object.keys(statuses).filter((status) => status !== '503' && !status.startsWith('2'));
  report('intake-burst', {
    tickets: burstSize,
    acksPerSecond: round(acksPerSecond, 0),
    p99Ms: round(p99Ms),
    statuses: JSON.stringify(statuses),
    otherAnswers: others.length,
    ended: JSON.stringify(ended),
    lost: burstSize - (ended['triaged'] ?? 0),
    secondsUntilAllTriaged: round(seconds, 0),
  });
}

async function embedded(): Promise<void> {
  await using alone = await startTarget('intake', {});
  const [intake] = await takeTurns([alone.service], { rounds: 2, count: 3_000 });
  await using together = await startTarget('all-in-one', {});
  const [busy] = await takeTurns([together.service], { rounds: 1, count: 2_000 });
  if (!intake || !busy) throw new Error('both were to be measured');
  report('intake', {
    queue: 'embedded',
    acksPerSecond: round(Math.max(...intake.perSecond), 0),
    p50Ms: round(quantile(intake.latenciesMs, 0.5)),
    p99Ms: round(quantile(intake.latenciesMs, 0.99)),
    statuses: JSON.stringify(intake.statuses),
    whileTriagingAcksPerSecond: round(Math.max(...busy.perSecond), 0),
    whileTriagingP99Ms: round(quantile(busy.latenciesMs, 0.99)),
    whileTriagingStatuses: JSON.stringify(busy.statuses),
  });
}
