import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openPlaybook } from '../../../../src/compose/playbook/edition.ts';
import { checkLive, openFollowing } from '../../../../src/compose/playbook/follow.ts';
import { readEndpoints } from '../../../../src/settings/env.ts';
import { readPlaybook } from '../../../../src/settings/playbook-store.ts';
import { openLog } from '../../../../src/telemetry/log.ts';
import { createMetrics } from '../../../../src/telemetry/metrics.ts';

const root = mkdtempSync(join(tmpdir(), 'triage-follow-'));
afterAll(() => rmSync(root, { recursive: true }));

const TEAMS = `teams:
  Desk:
    takes: [access]
    members:
      - { accountId: ada, name: Ada, absences: [{ from: 2026-05-01, to: 2026-05-03 }] }
      - { accountId: ben, name: Ben }
`;

function folderWith(teams = TEAMS): string {
  const folder = mkdtempSync(join(root, 'config-'));
  writeFileSync(join(folder, 'playbook.yaml'), 'projects: [IT]\ntargets:\n  category: { kind: label, prefix: cat- }\n');
  writeFileSync(join(folder, 'teams.yaml'), teams);
  return folder;
}

const jiraKnowing = (...known: readonly string[]) => ({
  person: async (accountId: string) =>
    known.includes(accountId) ? { accountId, displayName: accountId, isActive: true } : null,
});

const secrets = { jiraApiToken: '', webhook: [], automation: null, admin: null, openai: 'none', fallback: 'none' };

async function openDesk(folder: string, tracker = jiraKnowing('ada', 'ben')) {
  const metrics = createMetrics();
  const settings = { configFolder: folder, gitCommit: null, ...readEndpoints({}), secrets };
  const rulebook = await openPlaybook(settings, metrics);
  return openFollowing({
    rulebook,
    tracker,
    settings: { configFolder: folder, calendarHosts: [], embeddings: null },
    clock: { now: () => new Date('2026-05-02T12:00:00Z') },
    log: openLog('silent'),
    metrics,
  });
}

describe('whoever decides on tickets', () => {
  test('does not begin with a member whom Jira does not know, and is told the line', async () => {
    const desk = await openDesk(folderWith(), jiraKnowing('ada'));
    await expect(desk.follow(true)).rejects.toMatchObject({
      faults: ['teams.yaml:6 teams.Desk.members.1.accountId: Jira knows no account "ben"'],
    });
  });

  test('begins when all are known, and knows who is away', async () => {
    const desk = await openDesk(folderWith());
    await using _following = await desk.follow(true);
    const at = new Date('2026-05-02T12:00:00Z');
    expect(desk.roster().whyAway('Desk', 'ada', at)).toBe('absent');
    expect(desk.roster().whyAway('Desk', 'ben', at)).toBeNull();
    expect(desk.playbookTrouble()).toEqual([]);
  });

  test('does not begin with a calendar that cannot be read', async () => {
    const folder = folderWith(TEAMS.replace('name: Ben }', 'name: Ben, calendar: ben.ics }'));
    await expect(openDesk(folder)).rejects.toMatchObject({
      faults: [expect.stringMatching(/^teams\.yaml:6 teams\.Desk\.members\.1\.calendar: cannot be read/)],
    });
  });
});

test('intake begins whoever is in the teams', async () => {
  const desk = await openDesk(folderWith(), jiraKnowing());
  await using following = await desk.follow(false);
  expect(following).toBeDefined();
});

test('a Jira that never answers is not waited for', async () => {
  const edition = readPlaybook(folderWith(), null);
  const warnings = await checkLive(edition, { person: () => new Promise<never>(() => {}) }, 1);
  expect(warnings).toEqual(['members of teams are not looked up in Jira: it does not answer in time']);
});
