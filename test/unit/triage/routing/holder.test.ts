import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../../src/domain/playbook/teams.ts';
import { route } from '../../../../src/triage/route.ts';
import type { RoutePorts } from '../../../../src/triage/routing/ports.ts';
import { ALL_TARGETS, evidenceWith, issueWith, playbookWith, says } from '../../../support/fixtures.ts';
import { type People, rosterWith, routingPorts } from '../../../support/routing.ts';

const members = ['ada', 'ben', 'cleo'].map((accountId) => ({ accountId, name: accountId }));

interface Desk extends Partial<RoutePorts> {
  readonly people?: People;
  readonly policy?: Policy;
  readonly holder?: string;
  readonly capacity?: number;
}

/** Routes a ticket that we gave to `holder` before; `again` routes a new one of the same desk. */
async function looked({ policy = 'round-robin', holder = 'cleo', capacity, ...ports }: Desk = {}) {
  const team = { takes: ['vpn'], policy, members, ...(capacity === undefined ? {} : { capacity }) };
  const playbook = playbookWith({
    teams: { route: { by: 'category', team: 'team', assignee: 'assignee' }, teams: { Network: team } },
  });
  const all = routingPorts(ports);
  const solved = ['ada', 'ada', 'cleo'].map((assignee) => evidenceWith({ values: { assignee } }));
  const send = async (assignee: string | null, key: string) => {
    const values: Record<string, string> = assignee === null ? {} : { assignee };
    const issue = issueWith({ assignee, mark: { decisionId: 'd', revision: 'r', at: '', values } });
    const decided = new Map([['category', says('vpn')]]);
    return (await route({ issue, evidence: solved, decided, key }, playbook, all)).routing;
  };
  const { assignee, alternates, passedOver } = await send(holder, 'again');
  const why = Object.fromEntries(passedOver.map((one) => [one.accountId, one.why]));
  return { assignee, alternates, why, next: async () => (await send(null, 'next')).assignee };
}

const loads = (open: Readonly<Record<string, number>>) => ({ open: new Map(Object.entries(open)) });

describe('a ticket that we gave to somebody, looked at once more', () => {
  test('stays with them, whoever’s turn it is, and nobody loses one', async () => {
    const { assignee, alternates, why, next } = await looked();
    expect([assignee, alternates]).toEqual(['cleo', ['ada', 'ben']]);
    expect(why).toEqual({ ada: 'somebody has it already', ben: 'somebody has it already' });
    expect(await next()).toBe('ada');
  });

  test('stays with them, however much others have to do', async () => {
    const people = loads({ ada: 0, ben: 0, cleo: 7 });
    expect((await looked({ policy: 'least-loaded', people })).assignee).toBe('cleo');
  });

  test.each(['round-robin', 'least-loaded'] as const)('%s counts it as one of those they may have', async (policy) => {
    expect((await looked({ policy, capacity: 3, people: loads({ cleo: 3 }) })).assignee).toBe('cleo');
  });

  test('is one of those they may have also where turns do not matter', async () => {
    const people = loads({ ada: 3 });
    expect((await looked({ policy: 'past-resolver', holder: 'ada', capacity: 3, people })).assignee).toBe('ada');
    expect((await looked({ policy: 'past-resolver', holder: 'ben', capacity: 3, people })).assignee).toBe('cleo');
  });

  test.each<[string, Desk, Readonly<Record<string, string>>]>([
    ['is away', { roster: () => rosterWith({ cleo: 'absent' }) }, { cleo: 'absent' }],
    [
      'cannot be assigned any more',
      { people: { unassignable: new Set(['cleo']) } },
      { cleo: 'cannot be assigned on this issue' },
    ],
    ['left the team', { holder: 'zoe' }, {}],
  ])('goes to the next one when that person %s', async (_what, desk, why) => {
    const looks = await looked(desk);
    expect(looks.assignee).toBe('ada');
    expect(looks.why).toMatchObject(why);
  });

  test('is not theirs to whom Jira gives every new one', async () => {
    const playbook = playbookWith({
      targets: { ...ALL_TARGETS, assignee: { ...ALL_TARGETS.assignee, defaults: ['ben'] } },
      teams: {
        route: { by: 'category', team: 'team', assignee: 'assignee' },
        teams: { Network: { takes: ['vpn'], policy: 'round-robin', members } },
      },
    });
    const ticket = { issue: issueWith({ assignee: 'ben' }), evidence: [], key: 'new' };
    const decided = new Map([['category', says('vpn')]]);
    expect((await route({ ...ticket, decided }, playbook, routingPorts())).routing.assignee).toBe('ada');
  });
});
