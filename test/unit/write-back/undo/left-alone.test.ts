import { describe, expect, test } from 'vitest';
import { withoutWrites } from '../../../../src/adapters/jira/dry-run.ts';
import { PermanentError } from '../../../../src/domain/errors.ts';
import { undo } from '../../../../src/write-back/undo.ts';
import { BOT, editableWith, issueWith, playbookWith } from '../../../support/fixtures.ts';
import { playbook, undoDesk } from './support.ts';

describe('what cannot be restored is left alone and named', () => {
  test('a field that cannot be edited any more', async () => {
    const { desk, write, takeBack, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access', component: 'Login' });
    desk.change(issue.id, { editable: editableWith({ labels: null }) });
    expect(await takeBack(decisionId)).toMatchObject({
      heldBack: { category: 'not-editable' },
      changes: { component: { before: 'Login', after: null } },
    });
  });

  test('a value that Jira does not allow any more', async () => {
    const { desk, write, takeBack, issue } = undoDesk(issueWith({ priority: 'Medium' }));
    const { decisionId } = await write({ priority: 'High' });
    desk.change(issue.id, { editable: editableWith({ priority: ['High', 'Low'] }) });
    expect(await takeBack(decisionId)).toMatchObject({
      state: 'unchanged',
      heldBack: { priority: 'no-allowed-value' },
    });
  });

  test('a person who cannot be assigned any more', async () => {
    const { desk, write, takeBack, now } = undoDesk();
    await write({ assignee: 'ada' });
    const { decisionId } = await write({ assignee: 'bo', category: 'access' });
    desk.unassignable.add('ada');
    expect(await takeBack(decisionId)).toMatchObject({ heldBack: { assignee: 'not-assignable' } });
    expect(now()).toMatchObject({ assignee: 'bo', labels: [] });
  });

  test('a target that the playbook has no more', async () => {
    const { write, ports, now } = undoDesk();
    const { decisionId } = await write({ category: 'access', component: 'Login' });
    const narrow = playbookWith({ targets: { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } } });
    expect(await undo({ id: 'undo-x', writeId: decisionId }, narrow, ports())).toMatchObject({
      state: 'applied',
      heldBack: { component: 'not-in-playbook' },
    });
    expect(now()).toMatchObject({ labels: [], components: ['Login'] });
  });

  test('a target that is off by now is restored all the same', async () => {
    const { write, ports, now } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const off = playbookWith({ targets: { category: { kind: 'label', prefix: 'cat-', mode: 'off' } } });
    expect(await undo({ id: 'undo-x', writeId: decisionId }, off, ports())).toMatchObject({ state: 'applied' });
    expect(now().labels).toEqual([]);
  });

  test('a ticket whose history Jira cut off', async () => {
    const { desk, write, takeBack, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    desk.change(issue.id, { isHistoryWhole: false, changes: [] });
    expect(await takeBack(decisionId)).toMatchObject({ heldBack: { category: 'human-set' } });
  });

  test('a ticket that is gone', async () => {
    const { desk, write, takeBack, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    desk.remove(issue.id);
    expect(await takeBack(decisionId)).toMatchObject({ state: 'refused', reason: 'issue-gone' });
  });

  test('an edit that Jira refuses is kept with its words, and can be tried again', async () => {
    const { desk, write, takeBack, now } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    desk.answerNextEdit({ kind: 'refused', reason: '400: no' });
    expect(await takeBack(decisionId)).toMatchObject({ state: 'refused', reason: '400: no' });
    expect(await takeBack(decisionId)).toMatchObject({ decisionId: `undo-2-${decisionId}`, state: 'applied' });
    expect(now().labels).toEqual([]);
  });

  test('a dry run does not stand in the way of the real one', async () => {
    const { desk, write, ports, takeBack } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const dry = { id: `undo-${decisionId}`, writeId: decisionId };
    expect(await undo(dry, playbook, ports(withoutWrites(desk)))).toMatchObject({ state: 'dry-run' });
    expect(await takeBack(decisionId)).toMatchObject({ state: 'applied' });
  });

  test('a value of another installation, which does not become ours by an undo', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    desk.editAs(BOT, issue.id, { components: ['Login'] });
    desk.change(issue.id, { mark: { decisionId: 'foreign', revision: 'r', at: 't', values: { component: 'Login' } } });
    expect(await takeBack(decisionId)).toMatchObject({ state: 'applied' });
    expect(now().mark?.values).toEqual({});
    expect(await write({ component: 'Mail' })).toMatchObject({ heldBack: { component: 'human-set' } });
  });

  test('a write that the ledger does not know', async () => {
    const { ports } = undoDesk();
    await expect(undo({ id: 'undo-no', writeId: 'no' }, playbook, ports())).rejects.toThrow(PermanentError);
  });
});
