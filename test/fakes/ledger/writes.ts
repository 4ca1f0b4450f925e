import type { StoredWrite, WriteRecord } from '../../../src/domain/decision/delivery.ts';
import { isPartial } from '../../../src/domain/decision/undo.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Ledger, UndoFilter } from '../../../src/domain/ports/ledger.ts';
import type { Clock } from '../../../src/domain/ports/model.ts';
import { byDecidedAt, idsOf, type Tables } from './tables.ts';

type WritesFake = Pick<
  Ledger,
  'recordDecision' | 'decision' | 'lastWord' | 'write' | 'claimWrite' | 'recordWrite' | 'undoable' | 'openUndos'
>;

const EMPTY = {
  state: 'planned',
  reason: null,
  changes: {},
  heldBack: {},
  suggestions: {},
  passedOver: [],
  undoes: null,
} as const;

/** The part of the ledger that deals with decisions and their writes. */
export function writesFake(tables: Tables, clock: Clock): WritesFake {
  const { decisions, writes } = tables;
  const recordWrite = async (record: WriteRecord): Promise<WriteRecord> => {
    const standing = writes.get(record.decisionId);
    if (standing && standing.state !== 'planned') return standing;
    const isTaken = [...writes.values()].some(
      (other) =>
        other.issueId === record.issueId && other.state === 'planned' && other.decisionId !== record.decisionId,
    );
    if (record.state === 'planned' && isTaken)
      throw new TransientError(`another decision is writing to ${record.issueKey}`);
    writes.set(record.decisionId, { ...record, at: clock.now().toISOString(), undoneBy: null });
    const isWhole = record.state === 'applied' && !isPartial(record);
    const undone = isWhole && record.undoes !== null ? writes.get(record.undoes) : undefined;
    if (undone) writes.set(undone.decisionId, { ...undone, undoneBy: record.decisionId });
    return record;
  };
  return {
    recordDecision: async (decision) => {
      const earlier = decisions.get(decision.id);
      if (!earlier) decisions.set(decision.id, decision);
      return earlier ?? decision;
    },
    decision: async (id) => decisions.get(id) ?? null,
    lastWord: async (issueId) => {
      const standing = [...decisions.values()].sort(byDecidedAt).findLast(({ id, issueId: other }) => {
        const state = writes.get(id)?.state;
        return other === issueId && state !== 'superseded' && state !== 'refused';
      });
      return standing ? { decision: standing, write: writes.get(standing.id) ?? null } : null;
    },
    write: async (decisionId) => writes.get(decisionId) ?? null,
    claimWrite: async (decisionId) => {
      const decision = decisions.get(decisionId);
      if (!decision) return null;
      const { issueId, issueKey } = decision;
      if (!writes.has(decisionId)) await recordWrite({ ...EMPTY, decisionId, issueId, issueKey });
      const write = writes.get(decisionId);
      return write ? { decision, write } : null;
    },
    recordWrite,
    undoable: async (filter) =>
      [...writes.values()]
        .filter((write) => isStanding(write) && isAskedFor(write, filter, tables))
        .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
        .reverse(),
    openUndos: async (olderThanMs, limit) =>
      [...writes.values()]
        .filter(({ state, at }) => state === 'planned' && Date.parse(at) <= clock.now().getTime() - olderThanMs)
        .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
        .flatMap(({ decisionId: id, undoes: writeId }) => (writeId === null ? [] : [{ id, writeId }]))
        .slice(0, limit),
  };
}

function isStanding({ state, undoneBy, changes }: StoredWrite): boolean {
  return state === 'applied' && undoneBy === null && Object.keys(changes).length > 0;
}

function isAskedFor(write: StoredWrite, filter: UndoFilter, tables: Tables): boolean {
  const { issueKey, revision, decisionId, since } = filter;
  if (decisionId === undefined ? write.undoes !== null : write.decisionId !== decisionId) return false;
  if (revision !== undefined && tables.decisions.get(write.decisionId)?.revision !== revision) return false;
  if (since !== undefined && Date.parse(write.at) < Date.parse(since)) return false;
  return issueKey === undefined || idsOf(tables, issueKey).has(write.issueId);
}
