import { z } from 'zod';
import type { FieldChange, Issue } from './issue.ts';
import { byCode } from './text.ts';

const Mode = z.enum(['off', 'shadow', 'suggest', 'auto']);

const common = {
  /** What is decided here, in a sentence for the model. */
  description: z.string().optional(),
  /** `off`: not decided. `shadow`: decided and recorded. `suggest`: internal note. `auto`: written. */
  mode: Mode.default('shadow'),
  /** How often a written value must be right (0 to 1); cut-offs follow from it. 0 writes every best guess. */
  targetPrecision: z.number().min(0).max(0.99).default(0.9),
  /** Values with a promise of their own, and values that are never decided, however sure we are. */
  classes: z
    .record(
      z.string().min(1),
      z.strictObject({
        targetPrecision: z.number().min(0).max(0.99).optional(),
        exclude: z.boolean().default(false),
        /** Never by a model: only rules and the local classifier decide it. */
        protect: z.boolean().default(false),
      }),
    )
    .default({}),
  /** Who decides: past tickets, or `teams.yaml` from the other targets. */
  decidedBy: z.enum(['evidence', 'routing']).default('evidence'),
  /** Values Jira sets by itself on creation; they count as "not set yet". */
  defaults: z.array(z.string()).default([]),
  /** Taxonomy file with the values that may be decided; without one, whatever past tickets and Jira allow. */
  values: z.string().optional(),
};

const customField = z.string().regex(/^customfield_\d+$/, 'must look like customfield_10050');

export const TargetSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('label'),
    prefix: z.string().regex(/^\S{2,}$/, 'needs two characters or more, no spaces'),
    /** Several labels of the family may stand side by side; else at most one. */
    multiple: z.boolean().default(false),
    ...common,
  }),
  z.strictObject({ kind: z.literal('priority'), ...common }),
  z.strictObject({ kind: z.literal('component'), ...common }),
  z.strictObject({ kind: z.literal('assignee'), ...common }),
  z.strictObject({ kind: z.literal('select'), field: customField, ...common }),
  z.strictObject({ kind: z.literal('text'), field: customField, ...common }),
]);

export type Mode = z.infer<typeof Mode>;
export type Target = z.infer<typeof TargetSchema> & { readonly name: string };

/** The part of an edit one target asks for, in the shape of `PUT /issue/{key}`. */
export interface FieldEdit {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly update: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/** Jira's id of the field behind a target. */
export function fieldOf(target: Target): string {
  switch (target.kind) {
    case 'label':
      return 'labels';
    case 'component':
      return 'components';
    case 'priority':
    case 'assignee':
      return target.kind;
    case 'select':
    case 'text':
      return target.field;
    default:
      return target satisfies never;
  }
}

/** The value an issue carries for a target now, null when it carries none. */
export function readValue(target: Target, issue: Issue): string | null {
  switch (target.kind) {
    case 'label':
      return target.multiple ? allAmong(issue.labels, target.prefix) : valueAmong(issue.labels, target.prefix);
    case 'component':
      return issue.components[0] ?? null;
    case 'priority':
      return issue.priority;
    case 'assignee':
      return issue.assignee;
    case 'select':
    case 'text':
      return readCustom(issue.custom[target.field]);
    default:
      return target satisfies never;
  }
}

/** The smallest edit that moves a target from `before` to `after`; null clears it (used by undo). */
export function editOf(target: Target, before: string | null, after: string | null): FieldEdit {
  switch (target.kind) {
    case 'label':
      return {
        fields: {},
        update: { labels: swapLabels(target.prefix, partsOf(target, before), partsOf(target, after)) },
      };
    case 'component':
      return { fields: {}, update: { components: swap(named(before), named(after)) } };
    case 'priority':
      return { fields: { priority: named(after) }, update: {} };
    case 'assignee':
      return { fields: { assignee: after === null ? null : { accountId: after } }, update: {} };
    case 'select':
      return { fields: { [target.field]: after === null ? null : { value: after } }, update: {} };
    case 'text':
      return { fields: { [target.field]: after }, update: {} };
    default:
      return target satisfies never;
  }
}

/**
 * Who stands behind what a target holds now: `nobody` (empty or a creation default), `us`, or `human`. It is ours only
 * when we touched it last, and it is the very value we marked as ours. A person who cleared our value stands behind
 * the emptiness; whatever we cannot read, or whose history Jira cut off, counts as a person's.
 */
export function ownerOf(target: Target, issue: Issue, ourAccountId: string): 'nobody' | 'us' | 'human' {
  if (isUnreadable(target, issue)) return 'human';
  const value = readValue(target, issue);
  const last = issue.changes.find((change) => touches(target, change));
  if (last && last.by !== ourAccountId) return 'human';
  if (last) return value === null ? 'nobody' : isMarked(target, value, issue) ? 'us' : 'human';
  if (!issue.isHistoryWhole) return 'human';
  return value === null || target.defaults.includes(value) ? 'nobody' : 'human';
}

/** A quick look: the field holds a value that is neither Jira's default nor ours; `ownerOf` looks at the changelog. */
export function isHumanSet(target: Target, issue: Issue): boolean {
  const value = readValue(target, issue);
  return value !== null && !target.defaults.includes(value) && !isMarked(target, value, issue);
}

function isMarked(target: Target, value: string, { mark }: Issue): boolean {
  return mark !== null && Object.hasOwn(mark.values, target.name) && mark.values[target.name] === value;
}

/** Several values where we keep one, or a custom field of another kind than the playbook says. */
function isUnreadable(target: Target, issue: Issue): boolean {
  switch (target.kind) {
    case 'label':
      return !target.multiple && issue.labels.filter((label) => label.startsWith(target.prefix)).length > 1;
    case 'component':
      return issue.components.length > 1;
    case 'select':
    case 'text': {
      const raw = issue.custom[target.field];
      return raw !== null && raw !== undefined && raw !== '' && readCustom(raw) === null;
    }
    default:
      return false;
  }
}

function touches(target: Target, change: FieldChange): boolean {
  if (change.fieldId !== fieldOf(target)) return false;
  if (target.kind !== 'label') return true;
  const labelsOf = (joined: string | null) =>
    (joined ?? '').split(' ').filter((label) => label.startsWith(target.prefix));
  return labelsOf(change.from).join(' ') !== labelsOf(change.to).join(' ');
}

function valueAmong(labels: readonly string[], prefix: string): string | null {
  return labels.find((label) => label.startsWith(prefix))?.slice(prefix.length) ?? null;
}

/** Several labels as one value: sorted and joined by spaces, which no label holds (so does Jira's changelog). */
function allAmong(labels: readonly string[], prefix: string): string | null {
  const values = labels.filter((label) => label.startsWith(prefix)).map((label) => label.slice(prefix.length));
  return values.length === 0 ? null : joinParts(values);
}

/** The single values behind a target's value: several for a label family with `multiple`, else the one. */
export function partsOf(target: Target, value: string | null): readonly string[] {
  if (value === null) return [];
  return holdsSeveral(target) ? value.split(' ') : [value];
}

/** Whether several values of a target may stand side by side. */
export function holdsSeveral(target: Target): boolean {
  return target.kind === 'label' && target.multiple;
}

/** The reverse of `partsOf`. */
export function joinParts(values: readonly string[]): string {
  return values.toSorted(byCode).join(' ');
}

const OptionValue = z.looseObject({ value: z.string() });

function readCustom(raw: unknown): string | null {
  if (typeof raw === 'string') return raw || null;
  return OptionValue.safeParse(raw).data?.value ?? null;
}

function named(value: string | null): { readonly name: string } | null {
  return value === null ? null : { name: value };
}

function swapLabels(prefix: string, before: readonly string[], after: readonly string[]) {
  const added = after.filter((value) => !before.includes(value)).map((value) => ({ add: prefix + value }));
  const removed = before.filter((value) => !after.includes(value)).map((value) => ({ remove: prefix + value }));
  return [...added, ...removed];
}

function swap(before: unknown, after: unknown): Readonly<Record<string, unknown>>[] {
  return [...(after === null ? [] : [{ add: after }]), ...(before === null ? [] : [{ remove: before }])];
}
