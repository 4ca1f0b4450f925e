import type { Fault } from '../domain/playbook/fault.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Policy, Team } from '../domain/playbook/teams.ts';
import { scheduleFaults } from '../roster/faults.ts';
import { targetFault, valueFault } from './playbook-names.ts';

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
  return members.flatMap(({ accountId, skills }, index) => {
    const path = ['teams', team, 'members', index];
    const first = members.findIndex((member) => member.accountId === accountId);
    const twice = first < index ? [at([...path, 'accountId'], `"${accountId}" is already entry ${first + 1}`)] : [];
    const unused = skills.flatMap((skill, place) =>
      takes.includes(skill)
        ? []
        : [at([...path, 'skills', place], `the team does not take "${skill}", only ${takes.join(', ') || 'nothing'}`)],
    );
    return [...twice, ...unused];
  });
}

type Teams = Readonly<Record<string, Team>>;

function escalationFaults(teams: Teams): Fault[] {
  return Object.entries(teams).flatMap(([name, { escalation }]) => {
    if (escalation === undefined) return [];
    const path = ['teams', name, 'escalation'];
    if (!Object.hasOwn(teams, escalation))
      return [at(path, `unknown team "${escalation}", known are ${Object.keys(teams).join(', ')}`)];
    const circle = circleFrom(name, teams);
    return circle ? [at(path, `leads back to the team itself: ${circle.join(' → ')}`)] : [];
  });
}

/** The teams that a ticket would go through to come back to this one; null when it does not come back. */
function circleFrom(name: string, teams: Teams): readonly string[] | null {
  const passed = [name];
  for (let next = teams[name]?.escalation; next !== undefined; next = teams[next]?.escalation) {
    if (next === name) return [...passed, name];
    if (passed.includes(next) || !Object.hasOwn(teams, next)) return null;
    passed.push(next);
  }
  return null;
}

function at(path: Fault['path'], why: string): Fault {
  return { file: FILE, path, why };
}
