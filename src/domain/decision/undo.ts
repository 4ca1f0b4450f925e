import type { StoredWrite, TargetChange, WriteRecord } from './delivery.ts';

/** One write that is to be taken back, and the id under which that is recorded. */
export interface Undo {
  /** `undo-…`; fixed when it is asked for, so that running it again is the same undo. */
  readonly id: string;
  readonly write: StoredWrite;
}

/** Which undo, and of which write. */
export interface UndoTask {
  readonly id: string;
  readonly writeId: string;
}

/** What an undo would be about; `why` says why there is nothing to take back. */
export interface FoundUndos {
  /** Newest first, so that each finds what the one before it left. */
  readonly undos: readonly Undo[];
  readonly why: string | null;
}

/** What an undo would do to an issue as it is now. */
export interface UndoPlan {
  /** Before: what is ours; after: what it would be again. */
  readonly changes: Readonly<Record<string, TargetChange>>;
  /** Why each other target would be left alone. */
  readonly heldBack: Readonly<Record<string, string>>;
}

/** An undo looked at beforehand; `reason` where nothing can be done at all. */
export interface UndoRehearsal extends UndoPlan, Pick<WriteRecord, 'issueKey' | 'reason'> {
  readonly id: string;
  readonly writeId: string;
  /** When the write was made. */
  readonly at: string;
}

/** Why something was left alone that still stands as we wrote it, and may be taken back when the reason is gone. */
const PASSING: ReadonlySet<string> = new Set([
  'changed-since',
  'not-editable',
  'no-allowed-value',
  'not-assignable',
  'not-in-playbook',
]);

/** Whether an undo left something for a later one, so that the write it is about still counts as standing. */
export function isPartial({ heldBack }: Pick<WriteRecord, 'heldBack'>): boolean {
  return Object.values(heldBack).some((why) => PASSING.has(why));
}
