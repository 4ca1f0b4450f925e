import { describe, expect, it } from 'vitest';
import { manyTickets } from '../../bench/many-tickets.ts';
import { newDraft } from '../../support/desk.ts';
import type { Entry } from '../../support/service.ts';
import { type TestStage, testStage } from '../../support/stage.ts';
import { servedStage, serverUrl, until } from './servers.ts';

const TICKETS = 200;
if (!serverUrl) process.stdout.write('skipped without TEST_DATABASE_URL: roles in processes of their own\n');

type Roles = readonly (readonly [Entry, Readonly<Record<string, string>>])[];
const TOGETHER: Roles = [['all-in-one', {}]];
const APART: Roles = [
  ['intake', {}],
  ['workers', { WORKER_QUEUES: 'intake,triage,feedback' }],
  ['workers', { WORKER_QUEUES: 'write-back,undo,upkeep' }],
];
const CREATED = { events: ['jira:issue_created'] };

describe('SIGTERM in the middle of 200 tickets', { timeout: 150_000 }, () => {
  it('ends everything in one process with code 0, and loses and repeats nothing', async () => {
    await using stage = await testStage(CREATED);
    await stopInTheMiddle(stage, TOGETHER);
  });

  it.runIf(serverUrl).each(['PostgreSQL', 'Redis'] as const)(
    'ends each role with code 0, and loses and repeats nothing, with queues on %s',
    async (queue) => {
      await using served = await servedStage(queue, CREATED);
      await stopInTheMiddle(served.stage, APART);
    },
  );
});

async function stopInTheMiddle({ site, start }: TestStage, roles: Roles): Promise<void> {
  const startAll = () => Promise.all(roles.map(([entry, env]) => start(env, entry)));
  const first = await startAll();
  const keys: string[] = [];
  for (const ticket of manyTickets(TICKETS, 11)) keys.push((await site.createIssue(newDraft(ticket))).key);
  const edited = () => keys.filter((key) => site.edits(key).length > 0).length;
  await until(() => edited() >= TICKETS / 4, 'a quarter is written');
  expect(await Promise.all(first.map(({ service }) => service.stop()))).toEqual(roles.map(() => 0));
  expect(edited()).toBeLessThan(TICKETS);

  const second = await startAll();
  await site.webhooks.flush();
  const admin = second[0]?.admin;
  await admin?.idle({ timeoutMs: 60_000 });
  const states = await Promise.all(keys.map(async (key) => (await admin?.story(key))?.deliveries[0]?.state));
  expect(states).toEqual(keys.map(() => 'triaged'));
  const edits = keys.map((key) => site.edits(key).filter(({ kind }) => kind === 'edit').length);
  expect(edits).toEqual(keys.map(() => 1));
  expect(await Promise.all(second.map(({ service }) => service.stop()))).toEqual(roles.map(() => 0));
}
