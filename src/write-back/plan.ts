import type { Decision } from '../domain/decision/decision.ts';
import type { TargetChange } from '../domain/decision/delivery.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { editOf, type FieldEdit, readValue } from '../domain/playbook/target.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { type Ruling, type Scene, stepFor } from './step.ts';

/** What one decision asks of the issue as it is now. */
export interface Plan {
  /** Before and after per target that will be written; empty: write nothing. */
  readonly changes: Readonly<Record<string, TargetChange>>;
  readonly edit: FieldEdit;
  /** Targets that are only suggested and whose value would change. */
  readonly suggestions: Readonly<Record<string, string>>;
  /** Why each other decided target is left alone. */
  readonly heldBack: Readonly<Record<string, string>>;
}

export interface PlanContext {
  readonly playbook: Playbook;
  readonly ourAccountId: string;
  /** Account ids that cannot be assigned on this issue; the next in line takes the place of one that was chosen. */
  readonly unassignable?: readonly string[];
}

/** Diffs a decision against the issue as it is now. Pure; a human's value always wins. */
export function plan(decision: Decision, issue: Issue, context: PlanContext): Plan {
  const scene: Scene = { unassignable: [], ...context, decision, issue };
  const changes: Record<string, TargetChange> = {};
  const suggestions: Record<string, string> = {};
  const heldBack: Record<string, string> = {};
  const edits: FieldEdit[] = [];
  for (const target of context.playbook.targets) {
    const verdict = decision.verdicts[target.name];
    if (verdict?.kind !== 'value') continue;
    const ruling: Ruling = { target, verdict };
    const step = stepFor(ruling, scene);
    if (step.kind === 'hold') heldBack[target.name] = step.why;
    else if (step.kind === 'suggest') suggestions[target.name] = step.after;
    else {
      const before = readValue(target, issue);
      changes[target.name] = { before, after: step.after };
      edits.push(editOf(target, before, step.after));
    }
  }
  return { changes, suggestions, heldBack, edit: merge(edits) };
}

/** One edit out of many; operations on the same field are joined, since a field may appear only once. */
export function merge(edits: readonly FieldEdit[]): FieldEdit {
  const update: Record<string, readonly Readonly<Record<string, unknown>>[]> = {};
  for (const edit of edits) {
    for (const [field, operations] of Object.entries(edit.update))
      update[field] = [...(update[field] ?? []), ...operations];
  }
  return { fields: Object.assign({}, ...edits.map((edit) => edit.fields)), update };
}
