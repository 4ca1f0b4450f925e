import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../../../src/domain/errors.ts';
import type { Ledger } from '../../../../src/domain/ports/ledger.ts';
import type { Tracker } from '../../../../src/domain/ports/tracker.ts';
import { abandon } from '../../../../src/write-back/apply.ts';
import { abandonUndo, undo } from '../../../../src/write-back/undo.ts';
import { issueWith } from '../../../support/fixtures.ts';
import { faceOf, playbook, undoDesk } from './support.ts';

interface Fuse {
  left: number;
  /** Whether the call that fails was carried out before. */
  readonly isDone: boolean;
}

async function fused<Answer>(fuse: Fuse, call: () => Promise<Answer>): Promise<Answer> {
  const isLast = fuse.left === 0;
  fuse.left -= 1;
  if (isLast && !fuse.isDone) throw new Error('crash before the call');
  const answer = await call();
  if (isLast) throw new Error('crash after the call');
  return answer;
}

function fusedPorts(fuse: Fuse, tracker: Tracker, ledger: Ledger): { tracker: Tracker; ledger: Ledger } {
  return {
    tracker: {
      ...tracker,
      myself: () => fused(fuse, () => tracker.myself()),
      issue: (id) => fused(fuse, () => tracker.issue(id)),
      isAssignable: (key, person) => fused(fuse, () => tracker.isAssignable(key, person)),
      edit: (id, edit) => fused(fuse, () => tracker.edit(id, edit)),
    },
    ledger: {
      ...ledger,
      write: (id) => fused(fuse, () => ledger.write(id)),
      decision: (id) => fused(fuse, () => ledger.decision(id)),
      undoable: (filter) => fused(fuse, () => ledger.undoable(filter)),
      recordWrite: (record) => fused(fuse, () => ledger.recordWrite(record)),
    },
  };
}

describe('a crash at any call', () => {
  test.each([true, false])('leads to the same one edit when it is run again (call carried out: %s)', async (isDone) => {
    let crashes = 0;
    for (let at = 0; ; at++) {
      const { desk, ledger, ports, write, now, issue } = undoDesk(issueWith({ priority: 'Medium' }));
      await write({ assignee: 'bo' });
      const { decisionId } = await write({ category: 'access', priority: 'High', assignee: 'ada' });
      const task = { id: `undo-${decisionId}`, writeId: decisionId };
      const fragile = fusedPorts({ left: at, isDone }, desk, ledger);
      const ran = await undo(task, playbook, ports(fragile.tracker, fragile.ledger)).catch(() => 'crashed');
      if (ran === 'crashed') crashes += 1;
      const record = await undo(task, playbook, ports());
      expect(record).toMatchObject({ state: 'applied', changes: { category: { before: 'access', after: null } } });
      expect(desk.edits).toHaveLength(3);
      expect(faceOf(now())).toEqual({ ...faceOf(issue), assignee: 'bo' });
      expect(await undo(task, playbook, ports())).toMatchObject({ state: 'applied' });
      expect(desk.edits).toHaveLength(3);
      if (ran !== 'crashed') break;
    }
    expect(crashes).toBeGreaterThan(10);
  });

  test('a person’s edit since the crash is left alone', async () => {
    const { desk, ports, write, now, issue } = undoDesk();
    const { decisionId } = await write({ priority: 'High' });
    const task = { id: `undo-${decisionId}`, writeId: decisionId };
    desk.loseNextAnswer();
    await expect(undo(task, playbook, ports())).rejects.toThrow('lost');
    desk.editAs('agent-bo', issue.id, { priority: 'Low' });
    expect(await undo(task, playbook, ports())).toMatchObject({ state: 'applied' });
    expect(now().priority).toBe('Low');
    expect(desk.edits).toHaveLength(2);
  });

  test('a worker that lost its job makes no edit, and giving up frees the ticket', async () => {
    const { desk, ports, write, takeBack } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const lost = async () => {
      throw new Error('the lock was lost');
    };
    const task = { id: `undo-${decisionId}`, writeId: decisionId };
    await expect(undo(task, playbook, { ...ports(), assertStillOurs: lost })).rejects.toThrow('the lock was lost');
    expect(desk.edits).toHaveLength(1);
    await expect(write({ component: 'Login' })).rejects.toThrow('is writing');
    await abandon(task.id, 'a day', ports());
    expect(await write({ component: 'Login' })).toMatchObject({ state: 'applied' });
    expect(await takeBack(decisionId)).toMatchObject({ decisionId: `undo-2-${decisionId}`, state: 'applied' });
  });
});

describe('what can never be taken back', () => {
  const deaf = async () => {
    throw new PermanentError('Jira answered 400: no');
  };

  test('is on record with its reason, and frees the ticket for other undos and writes', async () => {
    const { desk, ledger, ports, write, takeBack } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const task = { id: `undo-${decisionId}`, writeId: decisionId };
    expect(await undo(task, playbook, ports({ ...desk, issue: deaf }))).toMatchObject({
      state: 'refused',
      reason: 'given up, the edit may have landed: Jira answered 400: no',
    });
    expect(await ledger.write(task.id)).toMatchObject({ state: 'refused', undoes: decisionId });
    expect(await write({ component: 'Login' })).toMatchObject({ state: 'applied' });
    expect(await takeBack(decisionId)).toMatchObject({ decisionId: `undo-2-${decisionId}`, state: 'applied' });
  });

  test('is on record also when it was given up before it began', async () => {
    const { ledger, ports, write, takeBack } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    await abandonUndo({ id: `undo-${decisionId}`, writeId: decisionId }, 'a day', ports());
    expect(await ledger.write(`undo-${decisionId}`)).toMatchObject({ state: 'refused', reason: 'given up: a day' });
    expect(await takeBack(decisionId)).toMatchObject({ state: 'applied' });
    await abandonUndo({ id: `undo-2-${decisionId}`, writeId: decisionId }, 'too late', ports());
    expect(await ledger.write(`undo-2-${decisionId}`)).toMatchObject({ state: 'applied' });
    expect(await abandonUndo({ id: 'undo-x', writeId: 'x' }, 'a day', ports())).toBeNull();
  });

  test('given up after its edit had landed, it stands as taken back', async () => {
    const { desk, ledger, ports, write } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const task = { id: `undo-${decisionId}`, writeId: decisionId };
    desk.loseNextAnswer();
    await expect(undo(task, playbook, ports())).rejects.toThrow('lost');
    await abandonUndo(task, 'a day', ports());
    expect(await ledger.write(decisionId)).toMatchObject({ undoneBy: task.id });
  });
});
