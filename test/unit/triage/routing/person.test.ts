import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Verdict } from '../../../../src/domain/decision/decision.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { TeamsSchema } from '../../../../src/domain/playbook/teams.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { route } from '../../../../src/triage/route.ts';
import { openLoads } from '../../../../src/triage/routing/loads.ts';
import type { RoutePorts } from '../../../../src/triage/routing/ports.ts';
import {
  ALL_TARGETS,
  evidenceWith,
  issueWith,
  type PlaybookDraft,
  playbookWith,
  says,
} from '../../../support/fixtures.ts';
import { type People, peopleWith, rosterWith, routingPorts } from '../../../support/routing.ts';

type TeamDraft = Partial<z.input<typeof TeamsSchema>['teams'][string]>;

const member = (accountId: string, parts = {}) => ({ accountId, name: accountId, ...parts });

interface Desk extends PlaybookDraft {
  readonly ports?: Partial<RoutePorts> & { readonly people?: People };
  readonly verdict?: Verdict;
  readonly issue?: Partial<Issue>;
}

/** Routes one ticket about vpn, which Network takes. */
async function routed(
  all: Readonly<Record<string, TeamDraft>>,
  { ports, verdict = says('vpn'), issue, ...draft }: Desk = {},
) {
  const teams = Object.entries(all).map(([name, team]) => [
    name,
    { takes: name === 'Network' ? ['vpn'] : [], ...team },
  ]);
  const wiring = { by: 'category', team: 'team', assignee: 'assignee' };
  const playbook = playbookWith({ ...draft, teams: { route: wiring, teams: Object.fromEntries(teams) } });
  const ticket = { issue: issueWith(issue), evidence: [], decided: new Map([['category', verdict]]), key: 'd-1' };
  const { routing, verdicts } = await route(ticket, playbook, routingPorts(ports));
  const why = Object.fromEntries(routing.passedOver.map((one) => [one.accountId, one.why]));
  return { ...routing, why, verdict: verdicts.get('assignee'), team: routing.team };
}

const roundRobin = (...members: ReturnType<typeof member>[]) => ({ policy: 'round-robin' as const, members });

describe('who takes a ticket', () => {
  test('has the skill, is at work, may be assigned and has room; everybody else is told why not', async () => {
    const members = [
      member('unskilled', { skills: ['erp'] }),
      member('ill'),
      member('asleep'),
      member('stranger'),
      member('full', { capacity: 1 }),
      member('right', { skills: ['vpn', 'erp'] }),
      member('next'),
    ];
    const roster = () => rosterWith({ ill: 'absent', asleep: 'off shift', unskilled: 'absent' });
    const people = { unassignable: new Set(['stranger']), open: new Map(Object.entries({ full: 1, right: 11 })) };
    const team = { ...roundRobin(...members), capacity: 12 };
    const { assignee, why, alternates } = await routed({ Network: team }, { ports: { roster, people } });
    expect([assignee, alternates]).toEqual(['right', ['next']]);
    expect(why).toEqual({
      unskilled: 'does not take vpn',
      ill: 'absent',
      asleep: 'off shift',
      stranger: 'cannot be assigned on this issue',
      full: 'has 1 open issue, 1 is allowed',
      next: 'had a turn more recently',
    });
  });

  test('is looked for one by one, and no further than needed', async () => {
    const asked: string[] = [];
    const tracker = peopleWith({ unassignable: new Set(['ada']) }, asked);
    const loads = openLoads({ tracker, clock: { now: () => new Date(0) } });
    const members = ['ada', 'ben', 'cleo', 'dora'].map((accountId) => member(accountId));
    await routed({ Network: roundRobin(...members) }, { ports: { tracker, loads } });
    expect(asked).toEqual(['assignable ada', 'assignable ben']);
  });

  test('a stand-in has room on the desk as well', async () => {
    const people = { open: new Map(Object.entries({ ben: 2 })) };
    const team = { ...roundRobin(member('ada'), member('ben'), member('cleo')), capacity: 2 };
    const { alternates, why } = await routed({ Network: team }, { ports: { people } });
    expect([alternates, why['ben']]).toEqual([['cleo'], 'has 2 open issues, 2 are allowed']);
  });

  const never = (person: string) => ({
    ...ALL_TARGETS,
    assignee: { ...ALL_TARGETS.assignee, classes: { [person]: { exclude: true } } },
  });

  test('is nobody whom the playbook excludes', async () => {
    const chosen = await routed({ Network: roundRobin(member('ada'), member('ben')) }, { targets: never('ada') });
    expect([chosen.assignee, chosen.why]).toEqual(['ben', { ada: 'never assigned, says the playbook' }]);
  });

  test('is no lead of a component either whom the playbook excludes', async () => {
    const ports = { people: { leads: new Map(Object.entries({ Billing: 'zoe', Router: 'ada' })) } };
    const issue = { components: ['Billing', 'Router'] };
    const chosen = await routed({ Network: { policy: 'component-lead' } }, { targets: never('zoe'), issue, ports });
    expect([chosen.assignee, chosen.why]).toEqual(['ada', { zoe: 'never assigned, says the playbook' }]);
  });

  test('is not known while Jira does not answer, and the job tries again', async () => {
    const tracker = {
      ...peopleWith(),
      isAssignable: async () => {
        throw new TransientError('Jira: 503');
      },
    };
    await expect(routed({ Network: roundRobin(member('ada')) }, { ports: { tracker } })).rejects.toThrow('Jira: 503');
  });

  test.each(['off', 'shadow', 'suggest', 'auto'] as const)(
    'in mode %s a turn is lost only by what is shown',
    async (mode) => {
      const ports = routingPorts();
      const targets = { ...ALL_TARGETS, assignee: { ...ALL_TARGETS.assignee, mode } };
      await routed({ Network: roundRobin(member('ada'), member('ben')) }, { targets, ports });
      const turn = { team: 'Network', candidates: ['ada', 'ben'], key: null };
      expect(await ports.ledger.nextTurn(turn)).toBe(mode === 'suggest' || mode === 'auto' ? 'ben' : 'ada');
    },
  );

  test('a class that is only recorded costs no turn either', async () => {
    const ports = routingPorts();
    const category = { ...ALL_TARGETS.category, classes: { vpn: { atMost: 'shadow' } } } as const;
    await routed({ Network: roundRobin(member('ada')) }, { targets: { ...ALL_TARGETS, category }, ports });
    expect(await ports.ledger.nextTurn({ team: 'Network', candidates: ['ben', 'ada'], key: null })).toBe('ben');
    expect(await ports.ledger.nextTurn({ team: 'Network', candidates: ['ada', 'ben'], key: null })).toBe('ada');
  });
});

describe('where nobody can take it', () => {
  const allAway = () => rosterWith({ ada: 'absent', ben: 'off shift', cleo: 'absent' });

  test('it goes to the escalation team, by its policy and to its people', async () => {
    const teams = {
      Network: { ...roundRobin(member('ada'), member('ben')), escalation: 'Second' },
      Second: { ...roundRobin(member('cleo')), escalation: 'Third' },
      Third: roundRobin(member('ben'), member('dora', { skills: ['only erp'] })),
    };
    const chosen = await routed(teams, { ports: { roster: allAway } });
    expect(chosen).toMatchObject({ team: 'Third', assignee: 'dora', policy: 'round-robin', escalatedFrom: 'Network' });
    expect(chosen.passedOver).toEqual([
      { accountId: 'ada', why: 'absent' },
      { accountId: 'ben', why: 'off shift' },
      { accountId: 'cleo', why: 'absent' },
    ]);
  });

  test('a person of two teams who is chosen in the second was not passed over', async () => {
    const teams = {
      Network: { ...roundRobin(member('dora', { skills: ['erp'] })), takes: ['vpn', 'erp'], escalation: 'Second' },
      Second: roundRobin(member('dora')),
    };
    expect(await routed(teams)).toMatchObject({ team: 'Second', assignee: 'dora', passedOver: [] });
  });

  test('of a team that chooses by itself, it goes on as well when all are away', async () => {
    const people = { members: [member('ada')], escalation: 'Second' };
    const Second = { members: [member('dora')] };
    expect(await routed({ Network: people, Second }, { ports: { roster: allAway } })).toMatchObject({
      team: 'Second',
      assignee: null,
      escalatedFrom: 'Network',
      verdict: { kind: 'abstain', reason: 'not-routed' },
    });
    expect(await routed({ Network: people, Second })).toMatchObject({ team: 'Network', escalatedFrom: null });
  });

  test.each([
    ['there is nobody else', {}],
    ['the others are away too', { escalation: 'Second' }],
    ['the teams send it round in a circle', { escalation: 'Network' }],
    ['the team to ask does not exist', { escalation: 'Nowhere' }],
  ])('it waits in the queue of the first team when %s', async (_what, more) => {
    const teams = {
      Network: { ...roundRobin(member('ada')), ...more },
      Second: { ...roundRobin(member('cleo')), escalation: 'Network' },
    };
    expect(await routed(teams, { ports: { roster: allAway } })).toMatchObject({
      team: 'Network',
      assignee: null,
      escalatedFrom: null,
      why: { ada: 'absent' },
      verdict: { kind: 'abstain', reason: 'nobody-eligible' },
    });
  });

  test('a team whose people are there but never solved such a thing keeps it in its queue', async () => {
    const teams = {
      Network: { policy: 'past-resolver' as const, members: [member('dora')], escalation: 'Second' },
      Second: roundRobin(member('eve')),
    };
    expect(await routed(teams)).toMatchObject({
      team: 'Network',
      assignee: null,
      escalatedFrom: null,
      verdict: { reason: 'not-routed' },
    });
  });

  test('a team that a person set is not left', async () => {
    const playbook = playbookWith({
      teams: {
        route: { by: 'category', team: 'team', assignee: 'assignee' },
        teams: {
          Network: { takes: ['vpn'], ...roundRobin(member('ada')), escalation: 'Second' },
          Second: { takes: [], ...roundRobin(member('dora')) },
        },
      },
    });
    const issue = issueWith({ custom: { customfield_10050: { value: 'Network' } } });
    const ticket = { issue, evidence: [evidenceWith()], decided: new Map([['category', says('vpn')]]), key: null };
    const { routing, verdicts } = await route(ticket, playbook, routingPorts({ roster: allAway }));
    expect(routing).toMatchObject({ team: 'Network', assignee: null, escalatedFrom: null });
    expect(verdicts.get('assignee')).toMatchObject({ reason: 'nobody-eligible' });
  });

  test.each([
    ['model', 'Network'],
    ['local', 'Guards'],
  ] as const)(
    'what the %s rung decided ends with %s: no model sends tickets on to a restricted team',
    async (rung, team) => {
      const teams = {
        Network: { ...roundRobin(member('ada')), escalation: 'Guards' },
        Guards: { ...roundRobin(member('dora')), restricted: true },
      };
      const verdict: Verdict = { kind: 'value', value: 'vpn', confidence: 0.9, cutOff: 0.5, rung, runnersUp: [] };
      expect((await routed(teams, { verdict, ports: { roster: allAway } })).team).toBe(team);
    },
  );

  test('a team that the playbook excludes is skipped on the way', async () => {
    const team = { ...ALL_TARGETS.team, classes: { Second: { exclude: true } } } as const;
    const teams = {
      Network: { ...roundRobin(member('ada')), escalation: 'Second' },
      Second: { ...roundRobin(member('dora')), escalation: 'Third' },
      Third: roundRobin(member('eve')),
    };
    const chosen = await routed(teams, { targets: { ...ALL_TARGETS, team }, ports: { roster: allAway } });
    expect(chosen).toMatchObject({ team: 'Third', assignee: 'eve', escalatedFrom: 'Network' });
  });
});
