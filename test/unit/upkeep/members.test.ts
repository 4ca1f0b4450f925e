import { describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError, TransientError } from '../../../src/domain/errors.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { lookUpMembers } from '../../../src/upkeep/members.ts';
import { playbookWith } from '../../support/fixtures.ts';

const member = (accountId: string) => ({ accountId, name: accountId.toUpperCase() });

const playbook = playbookWith({
  teams: {
    teams: {
      Desk: { takes: ['access'], members: [member('ada'), member('ben')] },
      网络: { takes: ['network'], members: [member('cy'), member('ben')] },
    },
  },
});

/** People by account id: active or not; whoever is not listed is unknown. */
function jiraWith(active: Readonly<Record<string, boolean>>): Pick<Tracker, 'person'> & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    person: async (accountId) => {
      asked.push(accountId);
      const isActive = active[accountId];
      return isActive === undefined ? null : { accountId, displayName: accountId, isActive };
    },
  };
}

describe('looking up members', () => {
  test('finds nothing wrong with people whom Jira knows', async () => {
    const jira = jiraWith({ ada: true, ben: true, cy: true });
    expect(await lookUpMembers(playbook, jira)).toEqual({ faults: [], warnings: [] });
    expect(jira.asked.sort()).toEqual(['ada', 'ben', 'cy']);
  });

  test('names every place of somebody whom Jira does not know', async () => {
    const { faults } = await lookUpMembers(playbook, jiraWith({ ada: true, cy: true }));
    expect(faults).toEqual([
      { file: 'teams.yaml', path: ['teams', 'Desk', 'members', 1, 'accountId'], why: 'Jira knows no account "ben"' },
      { file: 'teams.yaml', path: ['teams', '网络', 'members', 1, 'accountId'], why: 'Jira knows no account "ben"' },
    ]);
  });

  test('only warns of somebody who is not active', async () => {
    const { faults, warnings } = await lookUpMembers(playbook, jiraWith({ ada: true, ben: true, cy: false }));
    expect(faults).toEqual([]);
    expect(warnings).toEqual(['CY (cy) of 网络 is not active in Jira: gets no tickets']);
  });

  test.each([
    new TransientError('Jira is down'),
    new RateLimitedError('slow down', { retryAfterMs: 1_000, scope: 'site' }),
    new PermanentError('no right to browse users'),
  ])('only warns when Jira does not answer: %s', async (error) => {
    const jira = jiraWith({ ada: true });
    const tracker = { person: (id: string) => (id === 'ben' ? Promise.reject(error) : jira.person(id)) };
    expect(await lookUpMembers(playbook, tracker)).toEqual({
      faults: [],
      warnings: [`members of teams are not looked up in Jira: ${error.message}`],
    });
  });

  test('hides no bug', async () => {
    await expect(lookUpMembers(playbook, { person: () => Promise.reject(new Error('a bug')) })).rejects.toThrow(
      'a bug',
    );
  });

  test('stops asking once Jira does not answer, and never asks more than eight at once', async () => {
    const people = Array.from({ length: 100 }, (_, index) => member(`p${index}`));
    const large = playbookWith({ teams: { teams: { Desk: { takes: [], members: people } } } });
    let [running, most, asked] = [0, 0, 0];
    const tracker = {
      person: async () => {
        running += 1;
        asked += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
        throw new TransientError('down');
      },
    };
    const { warnings } = await lookUpMembers(large, tracker);
    expect(warnings).toHaveLength(1);
    expect(most).toBeLessThanOrEqual(8);
    expect(asked).toBeLessThanOrEqual(16);
  });
});
