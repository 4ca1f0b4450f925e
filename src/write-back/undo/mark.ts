import type { StoredWrite, WriteRecord } from '../../domain/decision/delivery.ts';
import { PermanentError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Issue, Provenance } from '../../domain/ticket/issue.ts';
import { standingValues } from '../mark.ts';

/** One write that is taken back, and the issue as it is now. */
export interface UndoSubject {
  readonly write: StoredWrite;
  readonly issue: Issue;
  readonly playbook: Playbook;
  readonly origin: Origin;
}

/** Where a chain of undos began. */
export interface Origin {
  /** The first write replaced even people's values, because somebody had asked for it. */
  readonly overrodeHumans: boolean;
  /** What is restored is what the first write had written: an undo is undone. */
  readonly isRedo: boolean;
}

/** Throws `PermanentError` when the beginning is not in the ledger any more. */
export async function originOf(write: StoredWrite, ledger: Ledger): Promise<Origin> {
  let root = write;
  let isRedo = false;
  while (root.undoes !== null) {
    isRedo = !isRedo;
    const earlier = await ledger.write(root.undoes);
    if (!earlier) throw new PermanentError(`write ${root.undoes} is not in the ledger any more`);
    root = earlier;
  }
  const decision = await ledger.decision(root.decisionId);
  if (!decision) throw new PermanentError(`decision ${root.decisionId} is not in the ledger any more`);
  return { overrodeHumans: decision.overridesHumans, isRedo };
}

/**
 * The mark of an undo: earlier values of ours that still stand, and what is restored, unless that may have been a
 * person's that we had been told to replace.
 */
export function undoMark(
  { decisionId, changes }: WriteRecord,
  { issue, playbook, origin }: UndoSubject,
  clock: Clock,
): Provenance {
  const untouched = Object.entries(standingValues(issue, playbook)).filter(([name]) => !Object.hasOwn(changes, name));
  const restored = Object.entries(changes).flatMap(([name, { after }]) =>
    after !== null && (origin.isRedo || !origin.overrodeHumans) ? [[name, after] as const] : [],
  );
  const { suggested } = issue.mark ?? {};
  return {
    decisionId,
    revision: playbook.revision,
    at: clock.now().toISOString(),
    values: Object.fromEntries([...untouched, ...restored]),
    ...(suggested ? { suggested } : {}),
  };
}
