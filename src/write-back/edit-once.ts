import type { WriteRecord } from '../domain/decision/delivery.ts';
import type { FieldEdit } from '../domain/playbook/target.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { EditResult, Tracker } from '../domain/ports/tracker.ts';
import type { Provenance } from '../domain/ticket/issue.ts';

export interface EditPorts {
  readonly tracker: Tracker;
  readonly ledger: Ledger;
  /** Throws when another worker took this job over, which is the last moment not to write twice. */
  readonly assertStillOurs: () => Promise<void>;
}

/** A planned write with the edit that makes it. */
export interface PlannedEdit {
  readonly draft: WriteRecord;
  readonly edit: FieldEdit;
  readonly mark: Provenance;
  readonly notifyUsers: boolean;
  /** Whether it would change anything. */
  readonly isEmpty: boolean;
  /** Called when Jira refuses the edit, or is not asked because of a dry run: another write in place of this one, or null. */
  readonly instead?: () => Promise<WriteRecord | null>;
}

/** Keeps the plan, then makes the edit; null when Jira took it, else what stands instead. */
export async function editOnce(
  { draft, edit, mark, notifyUsers, isEmpty, instead }: PlannedEdit,
  { tracker, ledger, assertStillOurs }: EditPorts,
): Promise<WriteRecord | null> {
  // Or a worker that slept would record an old look over what the one that took its place is about to write.
  await assertStillOurs();
  if (isEmpty) return ledger.recordWrite({ ...draft, state: 'unchanged' });
  const standing = await ledger.recordWrite(draft);
  if (standing.state !== 'planned') return standing;
  const result = await tracker.edit(draft.issueId, { ...edit, mark, notifyUsers, goAhead: assertStillOurs });
  if (result.kind === 'done') return null;
  const other = result.kind === 'gone' ? null : await instead?.();
  if (other) return other;
  // Meanwhile another worker may have made the edit; what it did is not to be recorded as refused.
  if (result.kind === 'refused') await assertStillOurs();
  return ledger.recordWrite({ ...draft, ...failureOf(result) });
}

function failureOf(result: Exclude<EditResult, { kind: 'done' }>): Pick<WriteRecord, 'state' | 'reason'> {
  switch (result.kind) {
    case 'dry-run':
      return { state: 'dry-run', reason: null };
    case 'gone':
      return { state: 'refused', reason: 'issue-gone' };
    case 'refused':
      return { state: 'refused', reason: result.reason };
    default:
      return result satisfies never;
  }
}
