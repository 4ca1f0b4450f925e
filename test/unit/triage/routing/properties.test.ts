import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { POLICIES, TeamsSchema } from '../../../../src/domain/playbook/teams.ts';
import { route } from '../../../../src/triage/route.ts';
import { evidenceWith, issueWith, playbookWith, says } from '../../../support/fixtures.ts';
import { rosterWith, routingPorts } from '../../../support/routing.ts';

/** Names as they may come, from Jira or a file. */
const NAMES = ['ada', 'ben', 'cleo', 'dora', '__proto__', '工程师', 'Jürgen "J" \\', 'constructor'];
const name = fc.constantFrom(...NAMES);
const some = fc.subarray(NAMES, { maxLength: 3 });

const members = fc.uniqueArray(
  fc.record({
    accountId: name,
    skills: fc.constantFrom<string[]>([], [], ['vpn'], ['erp']),
    capacity: fc.option(fc.nat(4), { nil: undefined, freq: 1 }),
  }),
  { selector: ({ accountId }) => accountId, maxLength: NAMES.length },
);

const desks = fc.record({
  policy: fc.constantFrom(...POLICIES),
  members,
  second: members,
  secondPolicy: fc.constantFrom(...POLICIES),
  capacity: fc.option(fc.nat(4), { nil: undefined, freq: 1 }),
  absent: some,
  offShift: some,
  unassignable: some,
  solvers: fc.array(name, { maxLength: 6 }),
  leads: fc.dictionary(fc.constantFrom('Gateway', 'Router'), name),
  onCall: fc.shuffledSubarray(NAMES),
  open: fc.array(fc.nat(4), { minLength: NAMES.length, maxLength: NAMES.length }),
  key: fc.option(fc.constant('d-1')),
});

type Drawn = typeof desks extends fc.Arbitrary<infer Desk> ? Desk : never;

const SEAT = { name: 'somebody' };

function teamsOf({ policy, members: first, second, secondPolicy, capacity }: Drawn) {
  const named = (drawn: Drawn['members']) =>
    drawn.map(({ capacity: own, ...member }) => ({
      ...SEAT,
      ...member,
      ...(own === undefined ? {} : { capacity: own }),
    }));
  const limit = capacity === undefined ? {} : { capacity };
  const teams = {
    First: { takes: ['vpn'], policy, members: named(first), ...limit, escalation: 'Second' },
    Second: { takes: [], policy: secondPolicy, members: named(second), ...limit, escalation: 'First' },
  };
  return TeamsSchema.parse({ route: { by: 'category', team: 'team', assignee: 'assignee' }, teams });
}

async function routed(desk: Drawn) {
  const away = [
    ...desk.offShift.map((person) => [person, 'off shift'] as const),
    ...desk.absent.map((person) => [person, 'absent'] as const),
  ];
  const teams = teamsOf(desk);
  const people = {
    unassignable: new Set(desk.unassignable),
    leads: new Map(Object.entries(desk.leads)),
    open: new Map(
      NAMES.map((person, place) => [person.replaceAll('\\', '\\\\').replaceAll('"', '\\"'), desk.open[place] ?? 0]),
    ),
  };
  const ports = routingPorts({ people, roster: () => rosterWith(Object.fromEntries(away), desk.onCall) });
  const ticket = {
    issue: issueWith({ components: Object.keys(desk.leads) }),
    evidence: desk.solvers.map((person) => evidenceWith({ values: { assignee: person } })),
    decided: new Map([['category', says('vpn')]]),
    key: desk.key,
  };
  return { teams, ...(await route(ticket, playbookWith({ teams }), ports)) };
}

describe('whatever the desk looks like', () => {
  test('nobody is chosen who is away, unskilled, not assignable, full, or not of the team', async () => {
    let chosen = 0;
    await fc.assert(
      fc.asyncProperty(desks, async (desk) => {
        const { routing, teams } = await routed(desk);
        const { assignee } = routing;
        if (assignee === null) return;
        chosen += 1;
        const team = teams.teams[routing.team ?? ''];
        const member = team?.members.find(({ accountId }) => accountId === assignee);
        if (team?.members.length !== 0) expect(member).toBeDefined();
        if (member) expect(desk.absent).not.toContain(assignee);
        if (member && team?.policy !== 'on-call') expect(desk.offShift).not.toContain(assignee);
        if (routing.team === 'First' && member?.skills.length) expect(member.skills).toContain('vpn');
        expect(desk.unassignable).not.toContain(assignee);
        const capacity = member?.capacity ?? team?.capacity ?? Number.POSITIVE_INFINITY;
        expect(desk.open[NAMES.indexOf(assignee)]).toBeLessThan(capacity);
      }),
      { numRuns: 400 },
    );
    expect(chosen).toBeGreaterThan(80);
  });

  test('every member is chosen or passed over with a reason, once', async () => {
    await fc.assert(
      fc.asyncProperty(desks, async (desk) => {
        const { routing, teams } = await routed(desk);
        const passed = routing.passedOver.map(({ accountId }) => accountId);
        expect(new Set(passed).size).toBe(passed.length);
        expect(passed).not.toContain(routing.assignee);
        expect(routing.passedOver.filter(({ why }) => why.trim() === '')).toEqual([]);
        const team = teams.teams[routing.team ?? ''];
        if (team?.policy === 'team-only' && routing.assignee === null) return;
        const told = [...passed, routing.assignee];
        for (const { accountId } of team?.members ?? []) expect(told).toContain(accountId);
      }),
      { numRuns: 400 },
    );
  });

  test('a stand-in could be chosen as far as the roster and the desk know', async () => {
    await fc.assert(
      fc.asyncProperty(desks, async (desk) => {
        const { routing, teams } = await routed(desk);
        const members = teams.teams[routing.team ?? '']?.members.map(({ accountId }) => accountId) ?? [];
        expect(routing.alternates.length).toBeLessThanOrEqual(2);
        for (const person of routing.alternates) {
          expect(person).not.toBe(routing.assignee);
          if (members.length === 0) continue;
          expect(members).toContain(person);
          expect(desk.absent).not.toContain(person);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('round-robin', () => {
  test('is fair over four replicas that decide at the same time, whoever may not be assigned', async () => {
    const someone = fc.subarray(NAMES.slice(1), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), someone, async (tickets, away) => {
        const members = NAMES.map((accountId) => ({ ...SEAT, accountId }));
        const teams = TeamsSchema.parse({
          route: { by: 'category', team: 'team', assignee: 'assignee' },
          teams: { First: { takes: ['vpn'], policy: 'round-robin', members } },
        });
        const shared = routingPorts({ people: { unassignable: new Set(away) } });
        const playbook = playbookWith({ teams });
        const counts = new Map(NAMES.filter((person) => !away.includes(person)).map((person) => [person, 0]));
        const queue = Array.from({ length: tickets }, (_, index) => `d-${index}`);
        const replica = async () => {
          for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
            const ticket = { issue: issueWith(), evidence: [], decided: new Map([['category', says('vpn')]]), key };
            const { routing } = await route(ticket, playbook, { ...shared });
            const person = routing.assignee ?? '';
            counts.set(person, (counts.get(person) ?? 0) + 1);
          }
        };
        await Promise.all([replica(), replica(), replica(), replica()]);
        expect([...counts.keys()].toSorted()).toEqual(NAMES.filter((person) => !away.includes(person)).toSorted());
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });
});
