import type { StoredWrite } from '../../domain/decision/delivery.ts';
import type { FoundUndos } from '../../domain/decision/undo.ts';
import type { Ledger, UndoFilter } from '../../domain/ports/ledger.ts';

/** The writes that an undo is about, each with the id of the undo that would be made now. */
export async function findUndos(filter: UndoFilter, ports: { readonly ledger: Ledger }): Promise<FoundUndos> {
  const writes = await ports.ledger.undoable(filter);
  if (writes.length === 0) return { undos: [], why: await whyNothing(filter, ports.ledger) };
  const undos = [];
  for (const write of writes) undos.push({ id: await nextUndo(write.decisionId, ports.ledger), write });
  return { undos, why: null };
}

/** The undo of a write that would be made now; one that crashed goes on under its own id. */
async function nextUndo(writeId: string, ledger: Ledger): Promise<string> {
  const begun = await undosOf(writeId, ledger);
  const last = begun.at(-1);
  return last?.state === 'planned' ? last.decisionId : undoId(writeId, begun.length + 1);
}

/** All undos of a write that were begun, the first one first. */
export async function undosOf(writeId: string, ledger: Ledger): Promise<readonly StoredWrite[]> {
  const begun: StoredWrite[] = [];
  for (;;) {
    const next = await ledger.write(undoId(writeId, begun.length + 1));
    if (!next) return begun;
    begun.push(next);
  }
}

/** `undo-ID`, and after one that came to nothing, or left something, `undo-2-ID`. */
function undoId(writeId: string, attempt: number): string {
  return attempt === 1 ? `undo-${writeId}` : `undo-${attempt}-${writeId}`;
}

async function whyNothing({ decisionId, since }: UndoFilter, ledger: Ledger): Promise<string> {
  if (decisionId === undefined) return 'no write of ours that still stands fits';
  const write = await ledger.write(decisionId);
  if (!write) return whyUnwritten(decisionId, ledger);
  if (write.state === 'planned') return `${decisionId} is just being written; try again in a moment`;
  if (write.state !== 'applied') return `${decisionId} wrote nothing: ${write.reason ?? write.state}`;
  if (write.undoneBy !== null) return lastOf(write, ledger);
  if (since !== undefined && Date.parse(write.at) < Date.parse(since))
    return `${decisionId} was written before ${since}`;
  return `${decisionId} changed no field`;
}

async function whyUnwritten(decisionId: string, ledger: Ledger): Promise<string> {
  const decision = await ledger.decision(decisionId);
  return decision ? `${decisionId} has not been written yet` : `nothing is known of a write by ${decisionId}`;
}

/** An undo can be undone, and that as well: what stands now is the end of the chain. */
async function lastOf(write: StoredWrite, ledger: Ledger): Promise<string> {
  let last = write;
  let isUndone = false;
  while (last.undoneBy !== null) {
    const next = await ledger.write(last.undoneBy);
    isUndone = !isUndone;
    if (!next) return `${write.decisionId} was taken back already, by ${last.undoneBy}`;
    last = next;
  }
  if (isUndone) return `${write.decisionId} was taken back already; undo ${last.decisionId} to bring it back`;
  return `${write.decisionId} was taken back and brought back; undo ${last.decisionId} instead`;
}
