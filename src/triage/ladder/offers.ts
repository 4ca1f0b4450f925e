import type { Evidence } from '../../domain/decision.ts';
import type { Issue } from '../../domain/issue.ts';
import type { Playbook } from '../../domain/playbook.ts';
import { fieldOf, partsOf, type Target } from '../../domain/target.ts';
import type { Offer } from '../../prompt/question.ts';
import { allowedValues, type Proposal } from '../classify.ts';

/** All allowed values are offered when there are no more than this. */
const FEW = 15;
/** Of the local classifier's ranking. */
const BEST = 5;
const MAX_OFFERED = 30;
const MAX_DESCRIPTION = 200;

export interface OfferContext {
  readonly issue: Issue;
  readonly playbook: Playbook;
  readonly evidence: readonly Evidence[];
}

/**
 * The values a model may choose from: all when they are few, else the local classifier's best five and what the
 * neighbours carry. Never one that is excluded, protected, or not allowed in Jira right now. Null with less than two.
 */
export function offerOf(
  target: Target,
  { candidates }: Proposal,
  { issue, playbook, evidence }: OfferContext,
): Offer | null {
  const allowed = allowedValues(target, issue, playbook);
  const barred = protectedValues(target, issue, playbook);
  const neighbours = evidence.flatMap(({ values }) =>
    Object.hasOwn(values, target.name) ? partsOf(target, values[target.name] ?? null) : [],
  );
  const likely = [...candidates.slice(0, BEST).map(({ value }) => value), ...neighbours];
  const all = allowed && allowed.size <= FEW ? [...allowed] : likely.filter((value) => !allowed || allowed.has(value));
  const values = [...new Set(all)].filter((value) => isOpen(value, target) && !barred.has(value)).slice(0, MAX_OFFERED);
  if (values.length < 2) return null;
  const described = new Map(Object.entries(playbook.taxonomies.get(target.name)?.values ?? {}));
  return {
    target,
    values: values.map((value) => ({
      value,
      description: (described.get(value)?.description ?? '').slice(0, MAX_DESCRIPTION),
    })),
  };
}

function isOpen(value: string, { classes }: Target): boolean {
  return !Object.hasOwn(classes, value) || classes[value]?.exclude !== true;
}

/**
 * Values that a model never decides, whatever it says: those the playbook protects, Jira's highest priority (the first it
 * lists), and what leads to a restricted team.
 */
export function protectedValues(target: Target, issue: Issue, { teams }: Playbook): ReadonlySet<string> {
  const named = Object.entries(target.classes).flatMap(([value, { protect }]) => (protect ? [value] : []));
  const highest = target.kind === 'priority' ? (issue.editable.get(fieldOf(target))?.allowed ?? []).slice(0, 1) : [];
  const restricted = Object.entries(teams.teams).filter(([, { restricted: isRestricted }]) => isRestricted);
  const leading = target.name === teams.route?.by ? restricted.flatMap(([, { takes }]) => takes) : [];
  const team = target.name === teams.route?.team ? restricted.map(([name]) => name) : [];
  return new Set([...named, ...highest, ...leading, ...team]);
}
