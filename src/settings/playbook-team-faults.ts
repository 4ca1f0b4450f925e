import type { Fault } from '../domain/playbook/fault.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Policy, Team } from '../domain/playbook/teams.ts';
import { scheduleFaults } from '../roster/faults.ts';
import { listed, targetFault, valueFault } from './playbook-names.ts';

const FILE = 'teams.yaml';

/** Policies that choose among the team's members. */
const NEEDS_MEMBERS: readonly Policy[] = ['round-robin', 'least-loaded', 'past-resolver', 'on-call'];

/** What is wrong with teams, their people and the way tickets get to them. */
export function teamFaults(playbook: Playbook): Fault[] {
  const { teams } = playbook.teams;
  return [
    ...routeFaults(playbook),
    ...takesFaults(playbook),
    ...Object.entries(teams).flatMap(([name, team]) => [
      ...policyFaults(name, team, playbook),
      ...memberFaults(name, team),
    ]),
    ...escalationFaults(teams),
    ...scheduleFaults(playbook.teams).map((fault) => ({ file: FILE, ...fault })),
  ];
}

function routeFaults(playbook: Playbook): Fault[] {
  const { route } = playbook.teams;
  const named = [['by', route?.by] as const, ['team', route?.team] as const, ['assignee', route?.assignee] as const];
  const faults = named.flatMap(([key, name]) => {
    const why = name === undefined ? null : targetFault(playbook, name);
    return why === null ? [] : [at(['route', key], why)];
  });
  return faults.length > 0 ? faults : unreachedFaults(playbook);
}

function unreachedFaults({ targets, teams: { route } }: Playbook): Fault[] {
  return targets
    .filter(
      ({ name, mode, decidedBy }) =>
        mode !== 'off' && decidedBy === 'routing' && name !== route?.team && name !== route?.assignee,
    )
    .map(({ name }) => ({
      file: 'playbook.yaml',
      path: ['targets', name],
      why: 'decidedBy is routing, but the route in teams.yaml does not reach it',
    }));
}

function takesFaults(playbook: Playbook): Fault[] {
  const { route, teams } = playbook.teams;
  const takenBy = new Map<string, string>();
  return Object.entries(teams).flatMap(([team, { takes }]) =>
    takes.flatMap((value, index) => {
      const other = takenBy.get(value);
      takenBy.set(value, team);
      const why =
        other === undefined
          ? route && valueFault(playbook, route.by, value)
          : `"${value}" is already taken by ${other}`;
      return why ? [at(['teams', team, 'takes', index], why)] : [];
    }),
  );
}

function policyFaults(name: string, { policy, members, onCall }: Team, { targets }: Playbook): Fault[] {
  const lacks = (why: string) => [at(['teams', name, 'policy'], why)];
  if (NEEDS_MEMBERS.includes(policy) && members.length === 0)
    return lacks(`${policy} chooses among members, and the team has none; add some, or make it team-only`);
  if (policy === 'on-call' && !onCall) return lacks('on-call needs onCall: { order, since }');
  if (policy === 'component-lead' && !targets.some(({ kind }) => kind === 'component'))
    return lacks('component-lead needs a target of kind component in playbook.yaml');
  return [];
}

function memberFaults(team: string, { members, takes }: Team): Fault[] {
  const firsts = new Map(members.map(({ accountId }, index) => [accountId, index] as const).toReversed());
  const taken = new Set(takes);
  return members.flatMap(({ accountId, skills }, index) => {
    const path = ['teams', team, 'members', index];
    const first = firsts.get(accountId) ?? index;
    const twice = first < index ? [at([...path, 'accountId'], `"${accountId}" is already entry ${first + 1}`)] : [];
    const unused = skills.flatMap((skill, place) =>
      taken.has(skill)
        ? []
        : [at([...path, 'skills', place], `the team does not take "${skill}", only ${listed(takes) || 'nothing'}`)],
    );
    return [...twice, ...unused];
  });
}

type Teams = Readonly<Record<string, Team>>;

function escalationFaults(teams: Teams): Fault[] {
  const circles = circlesIn(teams);
  return Object.entries(teams).flatMap(([name, { escalation }]) => {
    if (escalation === undefined) return [];
    const path = ['teams', name, 'escalation'];
    if (!Object.hasOwn(teams, escalation))
      return [at(path, `unknown team "${escalation}", known are ${listed(Object.keys(teams))}`)];
    const circle = circles.get(name);
    return circle ? [at(path, `leads back to the team itself: ${wayRound(name, circle)}`)] : [];
  });
}

/** By team, the teams that a ticket would go through to come back to it; each team is looked at once. */
function circlesIn(teams: Teams): ReadonlyMap<string, readonly string[]> {
  const circles = new Map<string, readonly string[]>();
  const seen = new Set<string>();
  for (const start of Object.keys(teams)) {
    const way = new Set<string>();
    let next: string | undefined = start;
    while (next !== undefined && Object.hasOwn(teams, next) && !seen.has(next)) {
      seen.add(next);
      way.add(next);
      next = teams[next]?.escalation;
    }
    const passed = [...way];
    const circle = next !== undefined && way.has(next) ? passed.slice(passed.indexOf(next)) : [];
    for (const name of circle) circles.set(name, circle);
  }
  return circles;
}

const MAX_STOPS = 10;

/** From the team to itself, or the beginning of a long way. */
function wayRound(name: string, circle: readonly string[]): string {
  const from = circle.indexOf(name);
  const length = Math.min(circle.length, MAX_STOPS);
  const stops = Array.from({ length }, (_, stop) => circle[(from + stop) % circle.length]);
  return [...stops, circle.length > MAX_STOPS ? '…' : name].join(' → ');
}

function at(path: Fault['path'], why: string): Fault {
  return { file: FILE, path, why };
}
