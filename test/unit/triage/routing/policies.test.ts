import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Evidence } from '../../../../src/domain/decision/decision.ts';
import { PermanentError } from '../../../../src/domain/errors.ts';
import type { TeamsSchema } from '../../../../src/domain/playbook/teams.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { route } from '../../../../src/triage/route.ts';
import { openLoads } from '../../../../src/triage/routing/loads.ts';
import type { RoutePorts } from '../../../../src/triage/routing/ports.ts';
import { evidenceWith, issueWith, playbookWith, says } from '../../../support/fixtures.ts';
import { type People, peopleWith, rosterWith, routingPorts } from '../../../support/routing.ts';

type TeamDraft = Partial<z.input<typeof TeamsSchema>['teams'][string]>;

const member = (accountId: string, parts = {}) => ({ accountId, name: accountId, ...parts });
const members = [member('ada'), member('ben'), member('cleo')];

interface Parts {
  readonly issue?: Partial<Issue>;
  readonly evidence?: readonly Evidence[];
  readonly component?: string;
  readonly key?: string | null;
}

/** A desk with one team that takes everything about vpn. */
function deskOf(team: TeamDraft, ports: Partial<RoutePorts> & { readonly people?: People } = {}) {
  const all = routingPorts(ports);
  const playbook = playbookWith({
    teams: {
      route: { by: 'category', team: 'team', assignee: 'assignee' },
      teams: { Network: { takes: ['vpn'], members, ...team } },
    },
  });
  let tickets = 0;
  return async ({ issue, evidence = [], component, key }: Parts = {}) => {
    tickets += 1;
    const verdicts = { category: says('vpn'), ...(component === undefined ? {} : { component: says(component) }) };
    const ticket = { issue: issueWith(issue), evidence, decided: new Map(Object.entries(verdicts)) };
    const { routing } = await route({ ...ticket, key: key === undefined ? `d-${tickets}` : key }, playbook, all);
    const why = Object.fromEntries(routing.passedOver.map((one) => [one.accountId, one.why]));
    return { assignee: routing.assignee, why, alternates: routing.alternates };
  };
}

describe('round-robin', () => {
  test('goes round, and says who had a turn more recently', async () => {
    const next = deskOf({ policy: 'round-robin' });
    const first = await next();
    expect(first).toEqual({
      assignee: 'ada',
      why: { ben: 'had a turn more recently', cleo: 'had a turn more recently' },
      alternates: ['ben', 'cleo'],
    });
    const others = [await next(), await next(), await next()].map(({ assignee }) => assignee);
    expect(others).toEqual(['ben', 'cleo', 'ada']);
  });

  test('gives the same decision the same person when it is made again', async () => {
    const next = deskOf({ policy: 'round-robin' });
    const twice = [await next({ key: 'same' }), await next({ key: 'same' }), await next({ key: 'other' })];
    expect(twice.map(({ assignee }) => assignee)).toEqual(['ada', 'ada', 'ben']);
  });

  test('takes nobody’s turn by a decision that is only recorded', async () => {
    const next = deskOf({ policy: 'round-robin' });
    const looks = [await next({ key: null }), await next({ key: null }), await next()];
    expect(looks.map(({ assignee }) => assignee)).toEqual(['ada', 'ada', 'ada']);
  });

  test('who cannot be assigned loses no turn by it', async () => {
    const unassignable = new Set(['ada']);
    const next = deskOf({ policy: 'round-robin' }, { people: { unassignable } });
    expect([(await next()).assignee, (await next()).assignee]).toEqual(['ben', 'cleo']);
    unassignable.clear();
    expect((await next()).assignee).toBe('ada');
  });
});

describe('least-loaded', () => {
  test('gives whoever has the fewest open issues, and says what the others have', async () => {
    const open = new Map(Object.entries({ ada: 14, ben: 1, cleo: 3 }));
    expect(await deskOf({ policy: 'least-loaded' }, { people: { open } })()).toEqual({
      assignee: 'ben',
      why: { ada: 'has 14 open issues, others fewer', cleo: 'has 3 open issues, others fewer' },
      alternates: ['cleo', 'ada'],
    });
  });

  test('counts what it gave meanwhile, and goes round among equals', async () => {
    const open = new Map(Object.entries({ ada: 2, ben: 0, cleo: 0 }));
    const next = deskOf({ policy: 'least-loaded' }, { people: { open } });
    const given = [];
    for (let ticket = 0; ticket < 7; ticket++) given.push((await next()).assignee);
    expect(given).toEqual(['ben', 'cleo', 'ben', 'cleo', 'ada', 'ben', 'cleo']);
  });
});

describe('where Jira refuses to count somebody’s issues', () => {
  const refusing = (...accountIds: readonly string[]) => {
    const { count, ...people } = peopleWith({ open: new Map(Object.entries({ cleo: 7 })) });
    const tracker = {
      ...people,
      count: (jql: string) =>
        accountIds.some((accountId) => jql.includes(`"${accountId}"`))
          ? Promise.reject(new PermanentError('the value does not exist for the field assignee'))
          : count(jql),
    };
    return { tracker, loads: openLoads({ tracker, clock: { now: () => new Date(0) } }) };
  };
  const why = 'has open issues that Jira does not count';

  test.each(['least-loaded', 'round-robin'] as const)('%s passes them over, and takes another one', async (policy) => {
    const chosen = await deskOf({ policy, capacity: 9 }, refusing('ada', 'ben'))();
    expect(chosen).toEqual({ assignee: 'cleo', why: { ada: why, ben: why }, alternates: [] });
  });

  test('the ticket waits in the team’s queue when it is so for all', async () => {
    const chosen = await deskOf({ policy: 'least-loaded' }, refusing('ada', 'ben', 'cleo'))();
    expect(chosen).toEqual({ assignee: null, why: { ada: why, ben: why, cleo: why }, alternates: [] });
  });
});

describe('past-resolver', () => {
  const solvedBy = (person: string, similarity = 1) => evidenceWith({ similarity, values: { assignee: person } });

  test('passes on to the next who solved something where the first is away', async () => {
    const roster = () => rosterWith({ ben: 'absent' });
    const evidence = [solvedBy('ben'), solvedBy('ben'), solvedBy('cleo')];
    expect(await deskOf({ policy: 'past-resolver' }, { roster })({ evidence })).toEqual({
      assignee: 'cleo',
      why: { ada: 'solved no such ticket', ben: 'absent' },
      alternates: [],
    });
  });

  test('names at most five of those who solved more and are not in the team', async () => {
    const evidence = Array.from({ length: 9 }, (_, index) => solvedBy(`stranger-${index}`));
    const { assignee, why } = await deskOf({ policy: 'past-resolver' })({ evidence });
    expect(assignee).toBeNull();
    expect(Object.values(why).filter((words) => words === 'not in team Network')).toHaveLength(5);
  });
});

describe('component-lead', () => {
  const people = { leads: new Map(Object.entries({ Gateway: 'ben', Billing: 'zoe', Router: 'ada' })) };

  test.each([
    ['the decided component', { component: 'Gateway' }, 'ben'],
    ['the component that a person set', { issue: { components: ['Gateway'] } }, 'ben'],
    ['the first of several that has one in the team', { issue: { components: ['Billing', 'Router'] } }, 'ada'],
    ['a component without a lead, so nobody', { component: 'Unknown' }, null],
    ['a component that somebody else leads, so nobody', { component: 'Billing' }, null],
    ['no component, so nobody', {}, null],
  ])('gives the lead of %s', async (_what, parts, person) => {
    const { assignee, why } = await deskOf({ policy: 'component-lead' }, { people })(parts);
    expect(assignee).toBe(person);
    const told = new Set([...Object.keys(why), ...(assignee === null ? [] : [assignee])]);
    expect(['ada', 'ben', 'cleo'].filter((name) => !told.has(name))).toEqual([]);
  });

  test('gives any lead where the team lists nobody', async () => {
    const team = { policy: 'component-lead' as const, members: [] };
    expect((await deskOf(team, { people })({ component: 'Billing' })).assignee).toBe('zoe');
  });

  test('says why it is nobody else', async () => {
    const { why } = await deskOf({ policy: 'component-lead' }, { people })({ component: 'Billing' });
    expect(why).toMatchObject({ ada: 'does not lead Billing', zoe: 'not in team Network' });
  });
});

describe('on-call', () => {
  test('calls the holder at any hour, then who stands in; absence alone counts', async () => {
    const away = { ada: 'off shift', ben: 'off shift', cleo: 'absent' } as const;
    const calling = (order: readonly string[]) =>
      deskOf({ policy: 'on-call' }, { roster: () => rosterWith(away, order) })();
    expect(await calling(['ben', 'ada'])).toEqual({
      assignee: 'ben',
      why: { ada: 'only stands in', cleo: 'absent' },
      alternates: ['ada'],
    });
    expect(await calling(['cleo', 'ada'])).toMatchObject({ assignee: 'ada', why: { ben: 'not on call' } });
    expect(await calling([])).toMatchObject({ assignee: null });
  });
});
