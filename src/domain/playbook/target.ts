import { z } from 'zod';
import type { Issue } from '../ticket/issue.ts';
import { byCode } from '../ticket/text.ts';

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
        /** However sure we are, no further than this; what is routed by this value neither. */
        atMost: z.enum(['shadow', 'suggest', 'auto']).default('auto'),
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

const CAREFUL_FIRST: readonly Mode[] = ['off', 'shadow', 'suggest', 'auto'];

/** The more careful of two modes. */
export function moreCareful<One extends Mode, Other extends Mode>(one: One, other: Other): One | Other {
  return CAREFUL_FIRST.indexOf(one) < CAREFUL_FIRST.indexOf(other) ? one : other;
}

/** How far we go for a value of a target: its mode, unless one of its classes asks for more care. */
export function modeFor(target: Target, value: string): Mode {
  return partsOf(target, value).reduce<Mode>((mode, part) => {
    const options = Object.hasOwn(target.classes, part) ? target.classes[part] : undefined;
    return options ? moreCareful(mode, options.atMost) : mode;
  }, target.mode);
}

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

/** The value of a custom field as Jira sends it; null for none, and for a kind we do not know. */
export function readCustom(raw: unknown): string | null {
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
