import type { StoredWrite, TargetChange } from '../../domain/decision/delivery.ts';
import type { UndoPlan } from '../../domain/decision/undo.ts';
import { changesOf, isMarked } from '../../domain/playbook/owner.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { editOf, type FieldEdit, fieldOf, partsOf, readValue, type Target } from '../../domain/playbook/target.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import { merge } from '../plan.ts';

export interface UndoContext {
  readonly playbook: Playbook;
  readonly ourAccountId: string;
  /** Targets that no earlier undo of this write took back. */
  readonly standing: ReadonlySet<string>;
  /** Targets that a later standing write of ours is about. */
  readonly writtenSince: ReadonlySet<string>;
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
  { issue, ourAccountId, standing, writtenSince, unassignable = [] }: UndoContext & { readonly issue: Issue },
): string | null {
  if (!standing.has(target.name)) return 'undone-already';
  if (!wasOursLast(target, after, { issue, ourAccountId })) return 'human-set';
  const now = readValue(target, issue);
  // A later write may have left the same value for a reason of its own.
  if (writtenSince.has(target.name)) return 'changed-since';
  if (now === before) return 'same';
  if (now !== after) return now === null || isMarked(target, now, issue) ? 'changed-since' : 'human-set';
  const field = issue.editable.get(fieldOf(target));
  if (!field) return 'not-editable';
  const { allowed } = field;
  if (allowed && !partsOf(target, before).every((value) => allowed.includes(value))) return 'no-allowed-value';
  if (target.kind === 'assignee' && before !== null && unassignable.includes(before)) return 'not-assignable';
  return null;
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
  return issue.isHistoryWhole && after !== null && isMarked(target, after, issue);
}
