import type { Evidence, Routing, Verdict } from '../domain/decision.ts';
import type { Playbook, Teams } from '../domain/playbook.ts';

export interface Routed {
  readonly routing: Routing;
  /** Verdicts for the team and assignee targets. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

type Team = Teams['teams'][string];

const NOBODY: Routing = { team: null, assignee: null, policy: null, passedOver: [] };

/** Team first: the one that takes the decided value. Person second: by the team's policy, else the team's queue. */
export function route(
  decided: ReadonlyMap<string, Verdict>,
  evidence: readonly Evidence[],
  playbook: Playbook,
): Routed {
  const { route: wiring, teams } = playbook.teams;
  if (!wiring) return { routing: NOBODY, verdicts: new Map() };
  const by = decided.get(wiring.by);
  const found =
    by?.kind === 'value' ? Object.entries(teams).find(([, team]) => team.takes.includes(by.value)) : undefined;
  const confidence = by?.kind === 'value' ? by.confidence : 0;
  const routing = found ? choosePerson(found, evidence, wiring.assignee) : NOBODY;
  const verdictOf = (value: string | null) => routedVerdict(value, confidence, by);
  const verdicts = new Map<string, Verdict>();
  for (const [name, value] of [[wiring.team, routing.team] as const, [wiring.assignee, routing.assignee] as const]) {
    const target = playbook.targets.find((candidate) => candidate.name === name);
    if (target && target.mode !== 'off' && target.decidedBy === 'routing' && !decided.has(target.name))
      verdicts.set(target.name, verdictOf(value));
  }
  return { routing, verdicts };
}

function routedVerdict(value: string | null, confidence: number, by: Verdict | undefined): Verdict {
  const common = { cutOff: by?.cutOff ?? 0, rung: 'routing' as const, runnersUp: [] };
  if (value === null) return { kind: 'abstain', reason: 'not-routed', best: null, ...common };
  return { kind: 'value', value, confidence, ...common };
}

function choosePerson(
  [name, team]: readonly [string, Team],
  evidence: readonly Evidence[],
  assigneeTarget: string | undefined,
): Routing {
  if (team.policy === 'team-only' || !assigneeTarget)
    return { team: name, assignee: null, policy: team.policy, passedOver: [] };
  const solved = new Map<string, number>();
  for (const { values, similarity } of evidence) {
    const person = values[assigneeTarget];
    if (person !== undefined) solved.set(person, (solved.get(person) ?? 0) + similarity);
  }
  const ranked = team.members
    .map(({ accountId }) => accountId)
    .sort((left, right) => (solved.get(right) ?? 0) - (solved.get(left) ?? 0));
  const [first, ...rest] = ranked;
  const isKnown = first !== undefined && solved.has(first);
  const passedOver = [
    ...(isKnown ? rest : ranked).map((accountId) => ({
      accountId,
      why: solved.has(accountId) ? 'solved fewer similar tickets' : 'solved no similar ticket',
    })),
    ...[...solved.keys()]
      .filter((accountId) => !ranked.includes(accountId))
      .map((accountId) => ({ accountId, why: `not in team ${name}` })),
  ];
  return { team: name, assignee: isKnown ? first : null, policy: team.policy, passedOver };
}
