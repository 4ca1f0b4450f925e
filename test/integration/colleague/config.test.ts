import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Colleague, openColleague, people, type TeamsInput, teamsFile } from '../../support/colleague.ts';
import { TEAM_FIELD } from '../../support/desk.ts';

const POLL = { timeout: 20_000, interval: 50 };
const day = '2026-01-05';
const order = ['desk-1'];
const shift = (from: string, to: string) => ({ accountId: 'desk-1', from: `${day}T${from}`, to: `${day}T${to}` });

/** What is wrong with team Desk, where, and what is said of it. */
const FAULTS: readonly [what: string, at: string, why: string, team: Partial<TeamsInput[string]>][] = [
  ['without members', 'policy', 'chooses among members, and the team has none', { members: [] }],
  ['with a member unknown to Jira', 'accountId', 'Jira knows no account "nobody"', { members: people('nobody') }],
  [
    'with overlapping shifts',
    'accountId',
    'overlaps entry 1',
    { onCall: { order, since: day, shifts: [shift('08:00', '12:00'), shift('11:00', '17:00')] } },
  ],
  [
    'with an absence file that cannot be read',
    'calendar',
    'cannot be read: there is no file away.ics',
    { members: [{ accountId: 'desk-1', name: 'desk-1', calendar: 'away.ics' }] },
  ],
  [
    'with an escalation that comes back',
    'escalation',
    'leads back to the team itself: Desk → Field → Desk',
    { escalation: 'Field' },
  ],
];

const round = (...members: string[]) => ({ policy: 'round-robin' as const, members: people(...members) });
const teams: TeamsInput = {
  Desk: { takes: ['mail', 'print'], ...round('desk-1') },
  Field: { takes: ['phone'], ...round('field-1') },
};

describe('while the service runs', () => {
  let desk: Colleague;
  const file = () => join(desk.configFolder, 'teams.yaml');

  beforeAll(async () => {
    desk = await openColleague({ teams });
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  const placeOf = async (summary: string) => {
    const { custom, assignee } = desk.now(await desk.report(summary));
    return [custom[TEAM_FIELD], assignee];
  };
  /** Until another revision holds. */
  const edit = async (changed: TeamsInput) => {
    const { revision } = await desk.admin.status();
    await writeFile(file(), teamsFile(changed));
    await expect.poll(async () => (await desk.admin.status()).revision, POLL).not.toBe(revision);
  };
  const trouble = async () => (await desk.admin.status()).playbookTrouble;

  test('a team that takes something over gets the next such ticket', async () => {
    expect(await placeOf('print is pale')).toEqual(['Desk', 'desk-1']);
    await edit({
      Desk: { takes: ['mail'], ...round('desk-1') },
      Field: { takes: ['phone', 'print'], ...round('field-1') },
    });
    expect(await placeOf('print is pale')).toEqual(['Field', 'field-1']);
  });

  test('a file that breaks leaves the last good one in force, and the status says where', async () => {
    const good = await readFile(file(), 'utf8');
    const { revision } = await desk.admin.status();
    await writeFile(
      file(),
      good.replace('"policy": "round-robin"', '"escalation": "Fields",\n"policy": "round-robin"'),
    );
    const line = good.split('\n').findIndex((text) => text.includes('"policy"')) + 1;
    await expect
      .poll(trouble, POLL)
      .toEqual([`teams.yaml:${line} teams.Desk.escalation: unknown team "Fields", known are Desk, Field`]);
    expect((await desk.admin.status()).revision).toBe(revision);
    expect(await placeOf('print is pale')).toEqual(['Field', 'field-1']);
    await edit(teams);
    expect(await trouble()).toEqual([]);
    expect(await placeOf('print is pale')).toEqual(['Desk', 'desk-1']);
  });

  test.each(FAULTS)('a team %s is refused with its line, and tickets go where they went', async (_, at, why, team) => {
    const before = await desk.admin.status();
    const bad = { Desk: { takes: ['print'], ...round('desk-1'), ...team }, Field: { takes: [], escalation: 'Desk' } };
    await writeFile(file(), teamsFile(bad));
    process.kill(desk.service.pid, 'SIGHUP');
    await expect.poll(async () => (await trouble())[0], POLL).toContain(why);
    const [said = ''] = await trouble();
    const line = Number(/^teams\.yaml:(\d+) teams\.Desk\./.exec(said)?.[1]);
    expect(
      teamsFile(bad)
        .split('\n')
        .slice(line - 1, line + 1)
        .join(' '),
    ).toContain(`"${at}"`);
    expect((await desk.admin.status()).revision).toBe(before.revision);
    expect(await placeOf('mail is slow')).toEqual(['Desk', 'desk-1']);
  });
});
