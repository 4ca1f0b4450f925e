import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlaybook } from '../../../src/compose/playbook/edition.ts';
import { openFollowing } from '../../../src/compose/playbook/follow.ts';
import { readEndpoints } from '../../../src/settings/env.ts';
import { openLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { calendar, event } from '../../unit/adapters/calendar/support.ts';

const NOW = new Date('2026-04-01T12:00:00Z');
const TEAMS = 'teams:\n  Desk: { takes: [], members: [{ accountId: ann, name: Ann, calendar: ann.ics }] }\n';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triage-changed-'));
  await write('playbook.yaml', 'projects: [IT]\ntargets:\n  category: { kind: label, prefix: cat- }\n');
  await write('teams.yaml', TEAMS);
});
afterAll(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);

/** What the service follows, and whether Ann is away by it. */
async function openDesk() {
  const metrics = createMetrics();
  const endpoints = readEndpoints({});
  const secrets = { jiraApiToken: '', webhook: [], automation: null, admin: null, ...endpoints.secrets };
  const following = openFollowing({
    rulebook: await openPlaybook({ configFolder: folder, gitCommit: null, ...endpoints, secrets }, metrics),
    tracker: { person: async (accountId) => ({ accountId, displayName: accountId, isActive: true }) },
    settings: { configFolder: folder, calendarHosts: [], embeddings: null },
    clock: { now: () => NOW },
    log: openLog('silent'),
    metrics,
  });
  return { ...following, isAway: () => following.roster().whyAway('Desk', 'ann', NOW) };
}

test('a calendar that was changed in the folder counts at once, although the playbook is the same', async () => {
  await write('ann.ics', calendar(...event('DTSTART;VALUE=DATE:20260402')));
  const { follow, isAway } = await openDesk();
  await using _following = await follow(true);
  expect(isAway()).toBeNull();
  await write('ann.ics', calendar(...event('DTSTART;VALUE=DATE:20260401')));
  process.emit('SIGHUP');
  await expect.poll(isAway, { timeout: 10_000 }).toBe('absent');
});
