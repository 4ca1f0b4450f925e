import type { Decision, Verdict } from '../domain/decision/decision.ts';
import { isUnreadable, ownerOf, wasMovedAwayFrom } from '../domain/playbook/owner.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { fieldOf, type Mode, modeFor, moreCareful, readValue, type Target } from '../domain/playbook/target.ts';
import type { Issue } from '../domain/ticket/issue.ts';

/** One decision about one issue as it is now, and what is known around it. */
export interface Scene {
  readonly decision: Decision;
  readonly issue: Issue;
  readonly playbook: Playbook;
  readonly ourAccountId: string;
  readonly unassignable: readonly string[];
}

/** A value that was decided for a target. */
export interface Ruling {
  readonly target: Target;
  readonly verdict: Extract<Verdict, { kind: 'value' }>;
}

export type Step =
  | { readonly kind: 'write' | 'suggest'; readonly after: string }
  | { readonly kind: 'hold'; readonly why: string };

/** What is done about one decided value. */
export function stepFor(ruling: Ruling, scene: Scene): Step {
  const { target, verdict } = ruling;
  const next = personFor(ruling, scene);
  const after = next ?? verdict.value;
  const mode = modeOf(ruling, after, scene);
  const why =
    reasonOfOurs(mode, scene) ??
    (readValue(target, scene.issue) === after ? 'same' : null) ??
    reasonOfPeople(target, after, scene) ??
    reasonOfRoute(ruling, scene) ??
    reasonOfJira(target, after, scene) ??
    (next === null ? 'not-assignable' : null);
  if (why !== null) return { kind: 'hold', why };
  return { kind: mode === 'auto' ? 'write' : 'suggest', after };
}

/** The decided value; of people the first in line who may be assigned, null when nobody may. */
function personFor({ target, verdict }: Ruling, { decision, unassignable }: Scene): string | null {
  if (target.kind !== 'assignee') return verdict.value;
  const standIns = verdict.rung === 'routing' ? decision.routing.alternates : [];
  return [verdict.value, ...standIns].find((person) => !unassignable.includes(person)) ?? null;
}

/** What is routed goes no further than the values of ours that led there. */
function modeOf({ target, verdict }: Ruling, after: string, scene: Scene): Mode {
  const team = teamOf(scene.playbook);
  const leads = [leadOf(verdict, scene), verdict.rung === 'routing' && target.name !== team?.name ? team : undefined];
  return leads.reduce<Mode>(
    (mode, lead) => {
      const cause = lead && scene.decision.verdicts[lead.name];
      if (!lead || cause?.kind !== 'value' || isTheirs(lead, scene)) return mode;
      return moreCareful(mode, modeFor({ ...lead, mode: 'auto' }, cause.value));
    },
    modeFor(target, after),
  );
}

function reasonOfOurs(mode: Mode, { decision }: Scene): string | null {
  if (decision.isControl) return 'control-group';
  return mode === 'off' || mode === 'shadow' ? `mode ${mode}` : null;
}

/** Who may replace people's values still neither guesses what they are nor brings back what people rejected. */
function reasonOfPeople(target: Target, after: string, scene: Scene): string | null {
  const { decision, issue } = scene;
  if (isTheirs(target, scene)) {
    if (!decision.overridesHumans) return 'human-set';
    if (isUnreadable(target, issue)) return 'unreadable';
    if (!issue.isHistoryWhole) return 'history-cut-off';
  }
  return wasMovedAwayFrom(after, target, scene) ? 'moved-away-by-a-person' : null;
}

/** A person decided otherwise about the team, or about what this was routed by: what follows from ours is void. */
function reasonOfRoute({ target, verdict }: Ruling, scene: Scene): string | null {
  const team = teamOf(scene.playbook);
  const isRouted = verdict.rung === 'routing' && scene.decision.routing.team !== null;
  if (isRouted && team && target.name !== team.name && !isTeamAsRouted(team, scene) && staysTheirs(team, scene))
    return 'team-changed';
  const by = leadOf(verdict, scene);
  return by && !isTaken(readValue(by, scene.issue), scene) && staysTheirs(by, scene) ? 'route-changed' : null;
}

function reasonOfJira(target: Target, after: string, { issue }: Scene): string | null {
  const field = issue.editable.get(fieldOf(target));
  if (issue.isFinished) return 'finished';
  if (!field) return 'not-editable';
  return field.allowed && !field.allowed.includes(after) ? 'no-allowed-value' : null;
}

/** The target whose value chose the team of something routed; undefined where a person or a rule named the team itself. */
function leadOf({ rung }: Ruling['verdict'], scene: Scene): Target | undefined {
  const { teams, targets } = scene.playbook;
  const team = teamOf(scene.playbook);
  const verdict = team && scene.decision.verdicts[team.name];
  const isNamed = team && isTeamAsRouted(team, scene) && isTheirs(team, scene);
  if (rung !== 'routing' || isNamed || (verdict?.kind === 'value' && verdict.rung !== 'routing')) return undefined;
  return targets.find(({ name }) => name === teams.route?.by);
}

function teamOf({ teams, targets }: Playbook): Target | undefined {
  return targets.find(({ name }) => name === teams.route?.team);
}

function isTeamAsRouted(team: Target, { issue, decision }: Scene): boolean {
  return readValue(team, issue) === decision.routing.team;
}

/** Whether the routed team, or the one it stands in for, takes this value. */
function isTaken(value: string | null, { decision: { routing }, playbook }: Scene): boolean {
  return Object.entries(playbook.teams.teams).some(
    ([name, { takes }]) =>
      value !== null && takes.includes(value) && (name === routing.team || name === routing.escalatedFrom),
  );
}

function isTheirs(target: Target, { issue, ourAccountId }: Scene): boolean {
  return ownerOf(target, issue, ourAccountId) === 'human';
}

/** What a person set and this decision does not replace. */
function staysTheirs(target: Target, scene: Scene): boolean {
  const verdict = scene.decision.verdicts[target.name];
  return (
    isTheirs(target, scene) && (verdict?.kind !== 'value' || reasonOfPeople(target, verdict.value, scene) !== null)
  );
}
