import { describe, expect, test } from 'vitest';
import { findUndos } from '../../../../src/write-back/undo/find.ts';
import { editableWith, issueWith } from '../../../support/fixtures.ts';
import { faceOf, undoDesk } from './support.ts';

describe('what an undo had to leave can be taken back later', () => {
  test('once a later write of ours about it is taken back', async () => {
    const { ledger, write, takeBack, now, issue } = undoDesk(issueWith({ labels: ['vip'] }));
    const first = await write({ category: 'access', component: 'Login' });
    const second = await write({ category: 'email' });
    await takeBack(first.decisionId);
    await takeBack(second.decisionId);
    expect(now()).toMatchObject({ labels: ['vip', 'cat-access'], components: [] });
    expect(await takeBack(first.decisionId)).toMatchObject({
      decisionId: `undo-2-${first.decisionId}`,
      state: 'applied',
      changes: { category: { before: 'access', after: null } },
      heldBack: { component: 'undone-already' },
    });
    expect(faceOf(now())).toEqual(faceOf(issue));
    expect(await ledger.write(first.decisionId)).toMatchObject({ undoneBy: `undo-2-${first.decisionId}` });
  });

  test('once its field can be edited again', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access', component: 'Login' });
    desk.change(issue.id, { editable: editableWith({ labels: null }) });
    await takeBack(decisionId);
    desk.change(issue.id, { editable: editableWith() });
    expect(await takeBack(decisionId)).toMatchObject({ changes: { category: { before: 'access', after: null } } });
    expect(faceOf(now())).toEqual(faceOf(issue));
  });

  test('and stands in the way of no earlier write', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const first = await write({ component: 'Mail' });
    const second = await write({ category: 'access', component: 'Login' });
    desk.change(issue.id, { editable: editableWith({ labels: null }) });
    await takeBack(second.decisionId);
    expect(await takeBack(first.decisionId)).toMatchObject({ changes: { component: { before: 'Mail', after: null } } });
    expect(now()).toMatchObject({ labels: ['cat-access'], components: [] });
  });

  test('but not what a person touched: that is theirs, and the write is taken back', async () => {
    const { desk, ledger, write, takeBack, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access', component: 'Login' });
    desk.editAs('agent-bo', issue.id, { labels: ['cat-email'] });
    await takeBack(decisionId);
    expect(await findUndos({ issueKey: issue.key }, { ledger })).toMatchObject({ undos: [] });
  });

  test('and what it did take back can be brought back', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access', component: 'Login' });
    desk.change(issue.id, { editable: editableWith({ labels: null }) });
    const undone = await takeBack(decisionId);
    expect(await takeBack(undone.decisionId)).toMatchObject({
      changes: { component: { before: null, after: 'Login' } },
    });
    expect(now()).toMatchObject({ labels: ['cat-access'], components: ['Login'] });
  });
});
