import type { StoredWrite, TargetChange, WriteRecord } from './delivery.ts';

/** One write that is to be taken back, and the id under which that is recorded. */
export interface Undo {
  /** `undo-…`; fixed when it is asked for, so that running it again is the same undo. */
  readonly id: string;
  readonly write: StoredWrite;
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
