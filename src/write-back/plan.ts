import type { Decision } from '../domain/decision.ts';
import type { TargetChange } from '../domain/delivery.ts';
import type { Issue } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import { editOf, type FieldEdit, fieldOf, ownerOf, readValue, type Target } from '../domain/target.ts';

/** What one decision asks of the issue as it is now. */
export interface Plan {
  /** Before and after per target that will be written; empty: write nothing. */
  readonly changes: Readonly<Record<string, TargetChange>>;
  readonly edit: FieldEdit;
  /** Targets in `suggest` mode whose value would change. */
  readonly suggestions: Readonly<Record<string, string>>;
  /** Why each other decided target is left alone. */
  readonly heldBack: Readonly<Record<string, string>>;
}

export interface PlanContext {
  readonly playbook: Playbook;
  readonly ourAccountId: string;
  /** Account ids that cannot be assigned on this issue. */
  readonly unassignable?: readonly string[];
}

type Step =
  | { readonly kind: 'write' | 'suggest'; readonly before: string | null; readonly after: string }
  | { readonly kind: 'hold'; readonly why: string };

/** Diffs a decision against the issue as it is now. Pure; a human's value always wins. */
export function plan(decision: Decision, issue: Issue, context: PlanContext): Plan {
  const changes: Record<string, TargetChange> = {};
  const suggestions: Record<string, string> = {};
  const heldBack: Record<string, string> = {};
  const edits: FieldEdit[] = [];
  for (const target of context.playbook.targets) {
    const verdict = decision.verdicts[target.name];
    if (verdict?.kind !== 'value') continue;
    const step = stepFor(target, verdict.value, { ...context, issue });
    if (step.kind === 'hold') heldBack[target.name] = step.why;
    else if (step.kind === 'suggest') suggestions[target.name] = step.after;
    else {
      changes[target.name] = { before: step.before, after: step.after };
      edits.push(editOf(target, step.before, step.after));
    }
  }
  return { changes, suggestions, heldBack, edit: merge(edits) };
}

function stepFor(
  target: Target,
  after: string,
  { issue, ourAccountId, unassignable = [] }: PlanContext & { readonly issue: Issue },
): Step {
  const before = readValue(target, issue);
  const field = issue.editable.get(fieldOf(target));
  const hold = (why: string): Step => ({ kind: 'hold', why });
  if (target.mode === 'off' || target.mode === 'shadow') return hold(`mode ${target.mode}`);
  if (before === after) return hold('same');
  if (ownerOf(target, issue, ourAccountId) === 'human') return hold('human-set');
  if (issue.isFinished) return hold('finished');
  if (!field) return hold('not-editable');
  if (field.allowed && !field.allowed.includes(after)) return hold('no-allowed-value');
  if (target.kind === 'assignee' && unassignable.includes(after)) return hold('not-assignable');
  return { kind: target.mode === 'auto' ? 'write' : 'suggest', before, after };
}

/** One edit out of many; operations on the same field are joined, since a field may appear only once. */
function merge(edits: readonly FieldEdit[]): FieldEdit {
  const update: Record<string, readonly Readonly<Record<string, unknown>>[]> = {};
  for (const edit of edits) {
    for (const [field, operations] of Object.entries(edit.update))
      update[field] = [...(update[field] ?? []), ...operations];
  }
  return { fields: Object.assign({}, ...edits.map((edit) => edit.fields)), update };
}
