import type { Evidence } from '../../domain/decision/decision.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { fieldOf, partsOf, type Target } from '../../domain/playbook/target.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import { cleanText } from '../../domain/ticket/text.ts';
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
  const all =
    allowed && allowed.size <= FEW ? [...allowed] : likely.filter((value) => allowed?.has(value) ?? isName(value));
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

/** Jira's own names for the highest priority and common ones, for where no list says which comes first. */
const HIGHEST = ['Highest', 'Blocker', 'Critical', 'Urgent', 'P0', 'P1', 'Höchste', 'Kritisch', '最高', '紧急', '緊急'];

function highestOf(listed: readonly string[]): readonly string[] {
  return listed.length > 0 ? listed.slice(0, 1) : HIGHEST;
}

/** Values that neither Jira nor a taxonomy lists were typed by somebody: a name is offered, a sentence is not. */
const MAX_NAME = 60;
const MAX_WORDS = 5;

function isName(value: string): boolean {
  return value.length <= MAX_NAME && value === cleanText(value) && value.trim().split(/\s+/).length <= MAX_WORDS;
}

function isOpen(value: string, { classes }: Target): boolean {
  return !Object.hasOwn(classes, value) || classes[value]?.exclude !== true;
}

/**
 * Values that a model never decides, whatever it says: those the playbook protects, the highest priority (the first that
 * Jira lists, else the taxonomy), and what leads to a team that is restricted, protected or excluded.
 */
export function protectedValues(target: Target, issue: Issue, playbook: Playbook): ReadonlySet<string> {
  const { teams, targets, taxonomies } = playbook;
  const named = Object.entries(target.classes).flatMap(([value, { protect }]) => (protect ? [value] : []));
  const listed = issue.editable.get(fieldOf(target))?.allowed ?? Object.keys(taxonomies.get(target.name)?.values ?? {});
  const highest = target.kind === 'priority' ? highestOf(listed) : [];
  const barred = new Map(Object.entries(targets.find(({ name }) => name === teams.route?.team)?.classes ?? {}));
  const restricted = Object.entries(teams.teams).filter(([name, team]) => {
    const own = barred.get(name);
    return team.restricted || own?.protect === true || own?.exclude === true;
  });
  const leading = target.name === teams.route?.by ? restricted.flatMap(([, { takes }]) => takes) : [];
  const team = target.name === teams.route?.team ? restricted.map(([name]) => name) : [];
  return new Set([...named, ...highest, ...leading, ...team]);
}
