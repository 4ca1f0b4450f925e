import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../../../src/adapters/pglite/embedded.ts';
import { postgresLedger } from '../../../src/adapters/postgres/ledger.ts';
import { migrate } from '../../../src/adapters/postgres/migrations.ts';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import { route } from '../../../src/triage/route.ts';
import type { RoutePorts } from '../../../src/triage/routing/ports.ts';
import { ownDatabase } from '../../support/database.ts';
import { issueWith, playbookWith, says } from '../../support/fixtures.ts';
import { rosterWith, routingPorts } from '../../support/routing.ts';

/** How evenly tickets were dealt out. */
export interface Fairness {
  readonly storage: 'PGlite' | 'PostgreSQL';
  readonly tickets: number;
  /** By everybody who could take one, and by nobody else. */
  readonly counts: Readonly<Record<string, number>>;
  /** Between whoever got most and whoever got fewest. */
  readonly spread: number;
  readonly ticketsPerSecond: number;
}

/** Decisions under way at once in each replica, as many as the triage worker has. */
const AT_ONCE = 8;
const WORKING = 7;
const ABSENT = 'absent';
const UNASSIGNABLE = 'unassignable';

/**
 * Replicas that route tickets of one round-robin team at the same time, over one ledger: embedded, or on the server in
 * `TEST_DATABASE_URL` with connections of their own. One member is away, and one may not be assigned.
 */
export async function measureFairness({
  replicas,
  tickets,
}: {
  readonly replicas: number;
  readonly tickets: number;
}): Promise<Fairness> {
  await using opened = new AsyncDisposableStack();
  const url = process.env['TEST_DATABASE_URL'] || null;
  const ledgers = url === null ? await embedded(replicas, opened) : await onServer({ url, replicas }, opened);
  const able = Array.from({ length: WORKING }, (_, index) => `member-${index + 1}`);
  const playbook = playbookOf([ABSENT, UNASSIGNABLE, ...able]);
  const counts = new Map(able.map((person) => [person, 0]));
  let next = 0;
  const work = async (ledger: RoutePorts['ledger']) => {
    const people = { unassignable: new Set([UNASSIGNABLE]) };
    const ports = routingPorts({ ledger, people, roster: () => rosterWith({ [ABSENT]: 'absent' }) });
    while (next < tickets) {
      const ticket = { issue: issueWith(), evidence: [], decided: new Map([['category', says('any')]]) };
      const { routing } = await route({ ...ticket, key: `decision-${next++}` }, playbook, ports);
      const person = routing.assignee ?? 'nobody';
      counts.set(person, (counts.get(person) ?? 0) + 1);
    }
  };
  const startedAt = performance.now();
  await Promise.all(ledgers.flatMap((ledger) => Array.from({ length: AT_ONCE }, () => work(ledger))));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    storage: url === null ? 'PGlite' : 'PostgreSQL',
    tickets: counts.values().reduce((sum, count) => sum + count, 0),
    counts: Object.fromEntries(counts),
    spread: Math.max(...counts.values()) - Math.min(...counts.values()),
    ticketsPerSecond: tickets / seconds,
  };
}

function playbookOf(people: readonly string[]) {
  const members = people.map((accountId) => ({ accountId, name: accountId }));
  return playbookWith({
    teams: {
      route: { by: 'category', team: 'team', assignee: 'assignee' },
      teams: { Desk: { takes: ['any'], policy: 'round-robin', members } },
    },
  });
}

/** The embedded database belongs to one process, so its replicas share the session too. */
async function embedded(replicas: number, opened: AsyncDisposableStack) {
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-fairness-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { driver } = await openEmbedded(folder);
  opened.defer(() => driver.close());
  const sql = new Sql(driver);
  await migrate(sql);
  return Array.from({ length: replicas }, () => postgresLedger(sql));
}

async function onServer(
  { url, replicas }: { readonly url: string; readonly replicas: number },
  opened: AsyncDisposableStack,
) {
  const database = opened.use(await ownDatabase(url));
  const drivers = Array.from({ length: replicas }, () => openServer(database.url, () => {}).driver);
  for (const driver of drivers) opened.defer(() => driver.close());
  const [first] = drivers;
  if (first) await migrate(new Sql(first));
  return drivers.map((driver) => postgresLedger(new Sql(driver)));
}
