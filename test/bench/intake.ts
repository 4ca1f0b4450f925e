import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startJiraSite } from '../fakes/jira/site.ts';
import { ownDatabase } from '../support/database.ts';
import { deskSite, deskTickets } from '../support/desk.ts';
import { serviceEnv } from '../support/env.ts';
import { type Entry, startService } from '../support/service.ts';
import { type LoadResult, load } from './load.ts';
import { cpuMicroseconds, quantile, report, round } from './report.ts';

const CONNECTIONS = 32;
const ROUNDS = 3;
/** A service runs for weeks; what counts is how fast it is once the JIT compiler knows it. */
const WARM_UP = 6_000;

/** Signed webhooks per second that the service acknowledges after making them durable. */
const redisUrl = process.env['TEST_REDIS_URL'];
if (redisUrl) await onRedis(redisUrl, 'ledger embedded', {});
else process.stdout.write('TEST_REDIS_URL is not set: intake on Redis is not measured\n');
const serverUrl = process.env['TEST_DATABASE_URL'];
if (redisUrl && serverUrl) {
  await using database = await ownDatabase(serverUrl);
  await onRedis(redisUrl, 'ledger on PostgreSQL', { DATABASE_URL: database.url });
}
await embedded();

/** Rounds of floor and service take turns, so that a busy moment of the machine hits both. */
async function onRedis(url: string, ledger: string, env: Readonly<Record<string, string>>): Promise<void> {
  const redis = new Redis(url);
  const ours: Measured[] = [];
  const floor: Measured[] = [];
  for (let round_ = 0; round_ < ROUNDS; round_++) {
    await redis.flushdb();
    floor.push(await measure('bare-intake', { REDIS_URL: url }, 12_000));
    await redis.flushdb();
    ours.push(await measure('intake', { REDIS_URL: url, ...env }, 12_000));
  }
  await redis.flushdb();
  await redis.quit();
  const best = (results: readonly LoadResult[]) => Math.max(...results.map(({ acksPerSecond }) => acksPerSecond));
  const cpu = (results: readonly Measured[]) => Math.min(...results.map(({ cpuPerAckUs }) => cpuPerAckUs));
  const latencies = ours.flatMap(({ latenciesMs }) => latenciesMs);
  report('intake', {
    queue: 'redis',
    ledger,
    acksPerSecond: round(best(ours), 0),
    floorPerSecond: round(best(floor), 0),
    ratioToFloor: round(best(ours) / best(floor), 2),
    cpuPerAckUs: round(cpu(ours), 0),
    floorCpuPerAckUs: round(cpu(floor), 0),
    p50Ms: round(quantile(latencies, 0.5)),
    p99Ms: round(quantile(latencies, 0.99)),
    statuses: JSON.stringify(ours.map(({ statuses }) => statuses)),
  });
}

interface Measured extends LoadResult {
  /** Processor time of the service's own process per acknowledgement. */
  readonly cpuPerAckUs: number;
}

async function embedded(): Promise<void> {
  const alone = await measure('intake', {}, 6_000);
  const withWorkers = await measure('all-in-one', {}, 3_000);
  report('intake', {
    queue: 'embedded',
    acksPerSecond: round(alone.acksPerSecond, 0),
    p50Ms: round(quantile(alone.latenciesMs, 0.5)),
    p99Ms: round(quantile(alone.latenciesMs, 0.99)),
    statuses: JSON.stringify(alone.statuses),
    whileTriagingAcksPerSecond: round(withWorkers.acksPerSecond, 0),
    whileTriagingP99Ms: round(quantile(withWorkers.latenciesMs, 0.99)),
    whileTriagingStatuses: JSON.stringify(withWorkers.statuses),
  });
}

async function measure(entry: Entry, env: Readonly<Record<string, string>>, count: number): Promise<Measured> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-bench-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const site = opened.use(
    await startJiraSite({ ...deskSite(deskTickets().history), openapi: 'off', requestLogSize: 10 }),
  );
  const service = opened.use(await startService(serviceEnv(site.url, folder, { LOG_LEVEL: 'info', ...env }), entry));
  await load(service.url, { connections: CONNECTIONS, count: WARM_UP });
  const before = cpuMicroseconds(service.pid);
  const result = await load(service.url, { connections: CONNECTIONS, count });
  return { ...result, cpuPerAckUs: (cpuMicroseconds(service.pid) - before) / count };
}
