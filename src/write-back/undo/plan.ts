import type { StoredWrite, TargetChange } from '../../domain/delivery.ts';
import type { Issue } from '../../domain/issue.ts';
import { changesOf } from '../../domain/owner.ts';
import type { Playbook } from '../../domain/playbook.ts';
import { editOf, type FieldEdit, fieldOf, partsOf, readValue, type Target } from '../../domain/target.ts';
import type { UndoPlan } from '../../domain/undo.ts';
import { merge } from '../plan.ts';

export interface UndoContext {
  readonly playbook: Playbook;
  readonly ourAccountId: string;
  /** Writes of ours that came later and still stand. */
  readonly later: readonly StoredWrite[];
  /** Account ids that cannot be assigned on this issue. */
  readonly unassignable?: readonly string[];
}

export interface UndoStep extends UndoPlan {
  readonly edit: FieldEdit;
}

/** Diffs what a write left against the issue as it is now. Pure; only what still stands as we left it is taken back. */
export function undoPlan(write: StoredWrite, issue: Issue, context: UndoContext): UndoStep {
  const changes: Record<string, TargetChange> = {};
  const heldBack: Record<string, string> = {};
  const edits: FieldEdit[] = [];
  for (const [name, change] of Object.entries(write.changes)) {
    const target = context.playbook.targets.find((one) => one.name === name);
    const why = target ? whyNot(target, change, { ...context, issue }) : 'not-in-playbook';
    if (!target || why !== null) {
      heldBack[name] = why ?? 'not-in-playbook';
      continue;
    }
    changes[name] = { before: change.after, after: change.before };
    edits.push(editOf(target, change.after, change.before));
  }
  return { changes, heldBack, edit: merge(edits) };
}

function whyNot(
  target: Target,
  { before, after }: TargetChange,
  { issue, ourAccountId, later, unassignable = [] }: UndoContext & { readonly issue: Issue },
): string | null {
  if (!wasOursLast(target, after, { issue, ourAccountId })) return 'human-set';
  const now = readValue(target, issue);
  // A later write may have left the same value for a reason of its own.
  if (later.some(({ changes }) => hasLeft(now, target, changes))) return 'changed-since';
  if (now === before) return 'same';
  if (now !== after) return 'changed-since';
  const field = issue.editable.get(fieldOf(target));
  if (!field) return 'not-editable';
  const { allowed } = field;
  if (allowed && !partsOf(target, before).every((value) => allowed.includes(value))) return 'no-allowed-value';
  if (target.kind === 'assignee' && before !== null && unassignable.includes(before)) return 'not-assignable';
  return null;
}

function hasLeft(value: string | null, { name }: Target, changes: StoredWrite['changes']): boolean {
  return Object.hasOwn(changes, name) && changes[name]?.after === value;
}

/**
 * Whether nobody but us touched a target since we wrote it. Not `ownerOf`: what we may take back may be a write over a
 * person's value that somebody had asked for, and then that person is in the history for ever.
 */
function wasOursLast(
  target: Target,
  after: string | null,
  { issue, ourAccountId }: { readonly issue: Issue; readonly ourAccountId: string },
): boolean {
  const [newest] = changesOf(target, issue);
  if (newest) return newest.by === ourAccountId;
  // Jira's changelog may lag behind the field; a history that was cut off tells nothing.
  const marked = issue.mark !== null && Object.hasOwn(issue.mark.values, target.name);
  return issue.isHistoryWhole && marked && issue.mark.values[target.name] === after;
}
