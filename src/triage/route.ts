import type { Evidence, Routing, Verdict } from '../domain/decision.ts';
import type { Issue } from '../domain/issue.ts';
import type { Playbook, Teams } from '../domain/playbook.ts';
import { readValue } from '../domain/target.ts';

export interface Routed {
  readonly routing: Routing;
  /** Verdicts for the team and assignee targets. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

type Team = Teams['teams'][string];

const NOBODY: Routing = { team: null, assignee: null, policy: null, passedOver: [] };

/**
 * Team first: the one that takes the decided value, or the value a person set. Person second: by the team's policy, else the team's queue. When
 * the value was not sure enough, nobody is chosen, but the verdict says who it would have been.
 */
export function route(
  decided: ReadonlyMap<string, Verdict>,
  { issue, evidence }: { readonly issue: Issue; readonly evidence: readonly Evidence[] },
  playbook: Playbook,
): Routed {
  const { route: wiring, teams } = playbook.teams;
  if (!wiring) return { routing: NOBODY, verdicts: new Map() };
  const by = orHuman(decided.get(wiring.by), wiring.by, { issue, playbook });
  const best = by?.kind === 'value' ? by : (by?.best ?? null);
  const team = Object.entries(teams).find(
    ([name, { takes }]) => best !== null && takes.includes(best.value) && !isNever(name, wiring.team, playbook),
  );
  const likely = team ? choosePerson(team, evidence, wiring.assignee) : NOBODY;
  const values = new Map([
    [wiring.team, likely.team],
    [wiring.assignee, likely.assignee],
  ]);
  const open = playbook.targets.filter(
    ({ name, mode, decidedBy }) => values.has(name) && mode !== 'off' && decidedBy === 'routing' && !decided.has(name),
  );
  const verdicts = new Map(open.map(({ name }) => [name, routedVerdict(values.get(name) ?? null, by)]));
  return { routing: by?.kind === 'value' ? likely : NOBODY, verdicts };
}

/** The playbook says that this team is never decided, whoever decided the value that leads to it. */
function isNever(team: string, target: string | undefined, { targets }: Playbook): boolean {
  const classes = new Map(Object.entries(targets.find(({ name }) => name === target)?.classes ?? {}));
  return classes.get(team)?.exclude === true;
}

/** A value that a person set is as good as decided. */
function orHuman(
  verdict: Verdict | undefined,
  name: string,
  { issue, playbook }: { readonly issue: Issue; readonly playbook: Playbook },
): Verdict | undefined {
  if (verdict?.kind !== 'abstain' || verdict.reason !== 'human-set') return verdict;
  const target = playbook.targets.find((candidate) => candidate.name === name);
  const value = target ? readValue(target, issue) : null;
  if (value === null) return verdict;
  return { kind: 'value', value, confidence: 1, cutOff: 0, rung: verdict.rung, runnersUp: [] };
}

/** As sure as the value it follows from. */
function routedVerdict(value: string | null, by: Verdict | undefined): Verdict {
  const confidence = (by?.kind === 'value' ? by.confidence : by?.best?.confidence) ?? 0;
  const common = { cutOff: by?.cutOff ?? 0, rung: 'routing' as const, runnersUp: [] };
  if (value !== null && by?.kind === 'value') return { kind: 'value', value, confidence, ...common };
  return { kind: 'abstain', reason: 'not-routed', best: value === null ? null : { value, confidence }, ...common };
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
