import { isHumanSet, isUnreadable } from '../../domain/playbook/owner.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { readValue, type Target } from '../../domain/playbook/target.ts';
import type { Team } from '../../domain/playbook/teams.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import type { Ticket } from './seat.ts';

/** The value that chooses the team, and how sure it is. */
export interface Lead {
  readonly value: string;
  readonly confidence: number;
  readonly cutOff: number;
  /** Else it is only the best guess. */
  readonly isDecided: boolean;
  readonly isModels: boolean;
}

/** A decided value, one that a person set, or else the best guess; null without any. */
export function leadOf(by: string, { decided, issue }: Ticket, playbook: Playbook): Lead | null {
  const target = targetOf(by, playbook);
  const held = target && isHumanSet(target, issue) ? readValue(target, issue) : null;
  if (held !== null) return { value: held, confidence: 1, cutOff: 0, isDecided: true, isModels: false };
  const verdict = decided.get(by);
  const best = verdict?.kind === 'abstain' ? verdict.best : verdict;
  if (!verdict || !best) return null;
  const isModels = verdict.rung === 'model';
  const { value, confidence } = best;
  return { value, confidence, cutOff: verdict.cutOff, isDecided: verdict.kind === 'value', isModels };
}

/** A team that is settled whatever the values say, for a person or a rule named it; `name` is null where nobody can tell which. */
export interface Settled {
  readonly name: string | null;
  readonly confidence: number;
  readonly cutOff: number;
}

/** The team that a person set, else one that was decided otherwise; null where routing is to find it. */
export function settledTeam(name: string | undefined, { decided, issue }: Ticket, playbook: Playbook): Settled | null {
  const target = name === undefined ? undefined : targetOf(name, playbook);
  if (!target) return null;
  if (holdsHumans(target, issue)) return { name: readValue(target, issue), confidence: 1, cutOff: 0 };
  const verdict = decided.get(target.name);
  if (verdict?.kind !== 'value') return null;
  return { name: verdict.value, confidence: verdict.confidence, cutOff: verdict.cutOff };
}

/** Whether a person stands behind what the field holds now; what we cannot read is theirs. */
export function holdsHumans(target: Target, issue: Issue): boolean {
  return isHumanSet(target, issue) || isUnreadable(target, issue);
}

/** Name of the team that takes a value, unless the playbook says that it is never decided. */
export function takerOf({ value }: Lead, playbook: Playbook): string | null {
  const takers = Object.entries(playbook.teams.teams).filter(([, { takes }]) => takes.includes(value));
  return takers.find(([name]) => !optionsOf(name, playbook)?.exclude)?.[0] ?? null;
}

/** A team by its name. */
export interface Place {
  readonly name: string;
  readonly team: Team;
}

/**
 * This team and those that get the ticket when nobody there can take it, in order; empty for a team that `teams.yaml`
 * does not have. Never one that the playbook excludes, nor, where a model led the ticket, one that no model may lead to.
 */
export function withEscalations(first: string, lead: Lead | null, playbook: Playbook): readonly Place[] {
  const chain = new Map<string, Team>();
  for (let name: string | undefined = first; name !== undefined && !chain.has(name); ) {
    const team: Team | undefined = teamOf(name, playbook);
    if (!team) break;
    chain.set(name, team);
    name = team.escalation;
  }
  return [...chain]
    .map(([name, team]) => ({ name, team }))
    .filter(({ name }) => name === first || !isBarred(name, lead, playbook));
}

function isBarred(name: string, lead: Lead | null, playbook: Playbook): boolean {
  const options = optionsOf(name, playbook);
  const isGuarded = teamOf(name, playbook)?.restricted === true || options?.protect === true;
  return options?.exclude === true || (lead?.isModels === true && isGuarded);
}

function optionsOf(name: string, playbook: Playbook) {
  const classes = playbook.teams.route?.team ? (targetOf(playbook.teams.route.team, playbook)?.classes ?? {}) : {};
  return Object.hasOwn(classes, name) ? classes[name] : undefined;
}

function teamOf(name: string, { teams: { teams } }: Playbook): Team | undefined {
  return Object.hasOwn(teams, name) ? teams[name] : undefined;
}

export function targetOf(name: string, { targets }: Playbook): Target | undefined {
  return targets.find((target) => target.name === name);
}
