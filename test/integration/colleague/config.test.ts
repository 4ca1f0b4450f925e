import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Colleague, openColleague, people, type TeamsInput, teamsFile } from '../../support/colleague.ts';
import { TEAM_FIELD } from '../../support/desk.ts';

const POLL = { timeout: 20_000, interval: 50 };
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
});
