import type { StoredWrite, WriteRecord } from '../domain/decision/delivery.ts';
import type { Undo, UndoRehearsal, UndoTask } from '../domain/decision/undo.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Clock } from '../domain/ports/model.ts';
import { giveWay } from './after/give-way.ts';
import { tellUndone } from './after/note.ts';
import { abandon } from './apply.ts';
import { type EditPorts, editOnce } from './edit-once.ts';
import { withKnownMark } from './mark.ts';
import { undosOf } from './undo/find.ts';
import { originOf, type UndoSubject, undoMark } from './undo/mark.ts';
import { type UndoStep, undoPlan } from './undo/plan.ts';

export interface UndoPorts extends EditPorts {
  readonly clock: Clock;
}

/**
 * Takes back one write with at most one edit: what still stands as we left it becomes what it was before, the rest is
 * left alone. It is a write like any other, so it can be undone itself. Safe to run again at any point: a finished undo
 * stands, and an edit that landed just before a crash is recognised by its mark. What will never be possible is recorded
 * as refused; `PermanentError`: the ledger does not know the write.
 */
export async function undo(task: UndoTask, playbook: Playbook, ports: UndoPorts): Promise<WriteRecord> {
  try {
    return await takeBack(task, playbook, ports);
  } catch (error) {
    const abandoned = error instanceof PermanentError ? await abandonUndo(task, error.message, ports) : null;
    if (!abandoned) throw error;
    return abandoned;
  }
}

/**
 * Gives an undo up, also one that never began, so that it holds no ticket and does not end unnoticed. Returns what
 * stands; null when the ledger does not know the write.
 */
export async function abandonUndo(
  { id, writeId }: UndoTask,
  reason: string,
  ports: Pick<UndoPorts, 'ledger' | 'tracker'>,
): Promise<WriteRecord | null> {
  const begun = await abandon(id, reason, ports);
  const write = begun ? null : await ports.ledger.write(writeId);
  if (!write) return begun;
  return ports.ledger.recordWrite({ ...claimOf(id, write), state: 'refused', reason: `given up: ${reason}` });
}

async function takeBack({ id, writeId }: UndoTask, playbook: Playbook, ports: UndoPorts): Promise<WriteRecord> {
  const { ledger, tracker } = ports;
  const known = await writeOf(writeId, ledger);
  const claimed = (await ledger.write(id)) ?? (await ledger.recordWrite(claimOf(id, known)));
  if (claimed.state !== 'planned') return claimed;
  // Looked up again under the claim: another undo may have come first.
  const write = await writeOf(writeId, ledger);
  const refuse = (reason: string) => ledger.recordWrite({ ...claimed, state: 'refused', reason });
  if (write.state !== 'applied' || write.undoneBy !== null) return refuse('undone-already');
  const issue = await tracker.issue(write.issueId);
  if (!issue) return refuse('issue-gone');
  const subject = { write, issue, playbook, origin: await originOf(write, ledger) };
  if (issue.mark?.decisionId === id) return complete(claimed, subject, ports);
  return restore(claimed, { ...subject, issue: await withKnownMark(issue, ports) }, ports);
}

/** What `undo` would do now. Reads only. */
export async function rehearseUndo(
  { id, write }: Undo,
  playbook: Playbook,
  ports: Pick<UndoPorts, 'tracker' | 'ledger'>,
): Promise<UndoRehearsal> {
  const { decisionId: writeId, at, issueKey } = write;
  const issue = await ports.tracker.issue(write.issueId);
  if (!issue) return { id, writeId, at, issueKey, changes: {}, heldBack: {}, reason: 'issue-gone' };
  const { changes, heldBack } = await planLive({ write, issue, playbook }, ports);
  return { id, writeId, at, issueKey: issue.key, changes, heldBack, reason: null };
}

/** Plans, keeps the plan, and makes the edit. */
async function restore(claimed: WriteRecord, subject: UndoSubject, ports: UndoPorts): Promise<WriteRecord> {
  const { issue, playbook } = subject;
  const { changes, heldBack, edit } = await planLive(subject, ports);
  const draft = { ...claimed, issueKey: issue.key, changes, heldBack };
  const mark = undoMark(draft, subject, ports.clock);
  const isEmpty = Object.keys(changes).length === 0;
  const { notifyUsers } = playbook.writeBack;
  return (await editOnce({ draft, edit, mark, notifyUsers, isEmpty }, ports)) ?? complete(draft, subject, ports);
}

/** What follows the edit: people who came in between get their values back, and our note no longer says otherwise. */
async function complete(record: WriteRecord, subject: UndoSubject, ports: UndoPorts): Promise<WriteRecord> {
  const { overrodeHumans } = subject.origin;
  const stood = overrodeHumans ? record : await giveWay(record, subject.playbook, ports);
  const told = await tellUndone(stood, subject, ports);
  const reason = told?.kind === 'refused' ? `the note was refused: ${told.reason}` : stood.reason;
  return ports.ledger.recordWrite({ ...stood, state: 'applied', reason });
}

/** The plan, with the earlier assignee checked against Jira when there is one to restore. */
async function planLive(
  { write, issue, playbook }: Omit<UndoSubject, 'origin'>,
  { tracker, ledger }: Pick<UndoPorts, 'tracker' | 'ledger'>,
): Promise<UndoStep> {
  const writtenSince = await targetsWrittenSince(write, ledger);
  const standing = await standingTargets(write, ledger);
  const context = { playbook, ourAccountId: (await tracker.myself()).accountId, standing, writtenSince };
  const first = undoPlan(write, issue, context);
  const person = playbook.targets
    .filter(({ kind }) => kind === 'assignee')
    .map(({ name }) => first.changes[name]?.after)
    .find((accountId) => accountId);
  if (!person || (await tracker.isAssignable(issue.key, person))) return first;
  return undoPlan(write, issue, { ...context, unassignable: [person] });
}

/** What our later writes that still stand are about: they may have left the same value for a reason of their own. */
async function targetsWrittenSince(write: StoredWrite, ledger: Ledger): Promise<ReadonlySet<string>> {
  const standing = await ledger.undoable({ issueKey: write.issueKey });
  const own = standing.findIndex(({ decisionId }) => decisionId === write.decisionId);
  const later = own < 0 ? standing.filter(({ at }) => at > write.at) : standing.slice(0, own);
  const about = await Promise.all(later.map((one) => standingTargets(one, ledger)));
  return new Set(about.flatMap((names) => [...names]));
}

/** The targets of a write without those that undos took back, which had to leave the rest. */
async function standingTargets({ decisionId, changes }: StoredWrite, ledger: Ledger): Promise<ReadonlySet<string>> {
  const undos = await undosOf(decisionId, ledger);
  const applied = undos.filter(({ state, undoneBy }) => state === 'applied' && undoneBy === null);
  return new Set(Object.keys(changes)).difference(new Set(applied.flatMap((one) => Object.keys(one.changes))));
}

function claimOf(id: string, { decisionId, issueId, issueKey }: StoredWrite): WriteRecord {
  return {
    decisionId: id,
    issueId,
    issueKey,
    state: 'planned',
    reason: null,
    changes: {},
    heldBack: {},
    suggestions: {},
    passedOver: [],
    undoes: decisionId,
  };
}

async function writeOf(id: string, ledger: Ledger): Promise<StoredWrite> {
  const write = await ledger.write(id);
  if (!write) throw new PermanentError(`write ${id} is not in the ledger`);
  return write;
}
