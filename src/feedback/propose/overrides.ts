import type { Outcome } from '../../domain/decision/outcome.ts';
import type { Playbook, Rule } from '../../domain/playbook/playbook.ts';
import { partsOf, type Target } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';

/** A person's value in the place of ours, on a ticket whose words may be shown to others. */
export interface Override {
  readonly target: Target;
  readonly ticket: PastTicket;
  /** What stood in that place; '' where a value was only added to others. */
  readonly ours: string;
  readonly theirs: string;
  /** Account id of whoever corrected us. */
  readonly by: string | null;
}

/** Why a correction is not learnt from, in words for people. */
export const LEFT_OUT = {
  restricted: 'with a security level, or of a restricted project',
  unfinished: 'on tickets that are not finished, or not in memory',
  cleared: 'cleared, or no person’s value in the end',
  elsewhere: 'of people and teams, which teams.yaml decides, or of targets that are gone',
  answered: 'answered by a rule meanwhile',
} as const;
export type LeftOut = keyof typeof LEFT_OUT;

export interface Sifted {
  readonly overrides: readonly Override[];
  readonly leftOut: ReadonlyMap<LeftOut, number>;
}

export interface SiftContext {
  readonly playbook: Playbook;
  /** Memory by issue id. */
  readonly tickets: ReadonlyMap<string, PastTicket>;
}

/**
 * Corrections that may be learnt from: one per issue and target, with the value that the finished ticket ended with,
 * whoever set it in between.
 */
export function sift(outcomes: readonly Outcome[], context: SiftContext): Sifted {
  const overrides: Override[] = [];
  const leftOut = new Map<LeftOut, number>();
  for (const outcome of newestPerField(outcomes)) {
    const found = overridesIn(outcome, context);
    if (typeof found === 'string') leftOut.set(found, (leftOut.get(found) ?? 0) + 1);
    else overrides.push(...found);
  }
  return { overrides, leftOut };
}

function newestPerField(outcomes: readonly Outcome[]): readonly Outcome[] {
  const newest = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    const field = JSON.stringify([outcome.issueId, outcome.target]);
    const known = newest.get(field);
    if (!known || known.judgedAt < outcome.judgedAt) newest.set(field, outcome);
  }
  return [...newest.values()];
}

function overridesIn(outcome: Outcome, { playbook, tickets }: SiftContext): readonly Override[] | LeftOut {
  const target = playbook.targets.find(({ name }) => name === outcome.target);
  if (target?.decidedBy !== 'evidence' || target.kind === 'assignee') return 'elsewhere';
  if (playbook.restrictedProjects.includes(outcome.project)) return 'restricted';
  const ticket = tickets.get(outcome.issueId);
  if (!ticket) return 'unfinished';
  if (isRestricted(ticket, playbook)) return 'restricted';
  const truth = humanValue(ticket, target.name);
  const [ours, theirs] = [partsOf(target, outcome.value), partsOf(target, truth)];
  const replaced = ours.filter((value) => !theirs.includes(value)).join(' ');
  const added = theirs.filter((value) => !ours.includes(value));
  if (added.length === 0) return 'cleared';
  const open = added.filter((value) => ruledValue(ticket, target.name, playbook.rules) !== value);
  if (open.length === 0) return 'answered';
  return open.map((value) => ({ target, ticket, ours: replaced, theirs: value, by: outcome.by }));
}

/** Whether a ticket's words stay where they are. */
export function isRestricted({ securityLevel, project }: PastTicket, { restrictedProjects }: Playbook): boolean {
  return securityLevel !== null || restrictedProjects.includes(project);
}

/** What a person made of a target in the end; null where that is nothing, or only what we wrote. */
export function humanValue({ values }: PastTicket, target: string): string | null {
  const truth = Object.hasOwn(values, target) ? values[target] : undefined;
  return truth?.by === 'human' ? truth.value : null;
}

/** What the first rule about words alone says now; other conditions look at what memory does not keep. */
function ruledValue({ summary, text }: PastTicket, target: string, rules: readonly Rule[]): string | null {
  const matching = rules.find(({ when, then }) => {
    const { textMatches, ...others } = when;
    if (textMatches === undefined || !Object.hasOwn(then, target)) return false;
    if (Object.values(others).some((condition) => condition !== undefined)) return false;
    return new RegExp(textMatches, 'iu').test(`${summary}\n${text}`);
  });
  return matching?.then[target] ?? null;
}
