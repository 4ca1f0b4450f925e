import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startJiraSite } from '../../fakes/jira/site.ts';
import { deskSite, deskTickets } from '../../support/desk.ts';
import { serviceEnv } from '../../support/env.ts';
import { type Entry, type Service, startService } from '../../support/service.ts';
import { type LoadResult, load } from '../load.ts';
import { cpuMicroseconds, quantile } from '../report.ts';

export const CONNECTIONS = 32;
/** A service runs for weeks; what counts is how fast it is once the JIT compiler knows it. */
const WARM_UP = 6_000;

/** One process under load, in as many rounds as were asked for. */
export interface Rounds {
  readonly perSecond: readonly number[];
  /** Processor time of the process per acknowledgement, the least of all rounds. */
  readonly cpuUs: number;
  readonly latenciesMs: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly count: number;
  /** Before each round, for example to empty a database. */
  readonly before?: () => Promise<void>;
}

/** A process of the service, or the floor, on a site of its own. */
export async function startTarget(
  entry: Entry,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly service: Service } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-bench-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const site = opened.use(
    await startJiraSite({ ...deskSite(deskTickets().history), openapi: 'off', requestLogSize: 10 }),
  );
  const service = opened.use(await startService(serviceEnv(site.url, folder, env), entry));
  const closing = opened.move();
  return { service, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Rounds of all take turns, so that a busy moment of the machine hits each of them. */
export async function takeTurns(services: readonly Service[], options: RoundsOptions): Promise<readonly Rounds[]> {
  const { rounds, count, before = async () => {} } = options;
  for (const { url } of services) await load(url, { connections: CONNECTIONS, count: WARM_UP });
  const results = services.map((service) => ({ service, loads: [] as LoadResult[], cpuUs: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { service, loads, cpuUs } of results) {
      await before();
      const cpuBefore = cpuMicroseconds(service.pid);
      loads.push(await load(service.url, { connections: CONNECTIONS, count }));
      cpuUs.push((cpuMicroseconds(service.pid) - cpuBefore) / count);
    }
  }
  return results.map(({ loads, cpuUs }) => ({
    perSecond: loads.map(({ acksPerSecond }) => acksPerSecond),
    cpuUs: Math.min(...cpuUs),
    latenciesMs: loads.flatMap(({ latenciesMs }) => latenciesMs),
    statuses: together(loads),
  }));
}

/** How much faster one is than the other: the median of the rounds, each against its neighbour. */
export function ratioOf(one: Rounds, other: Rounds): number {
  return quantile(
    one.perSecond.map((perSecond, round) => perSecond / (other.perSecond[round] ?? Number.NaN)),
    0.5,
  );
}

function together(loads: readonly LoadResult[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { statuses } of loads)
    for (const [status, count] of Object.entries(statuses)) sum[status] = (sum[status] ?? 0) + count;
  return sum;
}
