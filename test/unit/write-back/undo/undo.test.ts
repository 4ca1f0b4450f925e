import { describe, expect, test } from 'vitest';
import { apply } from '../../../../src/write-back/apply.ts';
import { rehearseUndo } from '../../../../src/write-back/undo.ts';
import { issueWith, playbookWith, TEAM_FIELD } from '../../../support/fixtures.ts';
import { faceOf, playbook, undoDesk } from './support.ts';

const EVERYTHING = { category: 'access', priority: 'High', component: 'Login', team: 'Identity', assignee: 'ada' };

describe('taking back a write', () => {
  test('restores what was there before, in one edit, and is recorded as what it is', async () => {
    const { desk, ledger, write, takeBack, now, issue } = undoDesk(issueWith({ priority: 'Medium', labels: ['vip'] }));
    const written = await write(EVERYTHING);
    const undone = await takeBack(written.decisionId);
    expect(undone).toMatchObject({
      decisionId: `undo-${written.decisionId}`,
      undoes: written.decisionId,
      issueKey: issue.key,
      state: 'applied',
      changes: {
        category: { before: 'access', after: null },
        priority: { before: 'High', after: 'Medium' },
        component: { before: 'Login', after: null },
        team: { before: 'Identity', after: null },
        assignee: { before: 'ada', after: null },
      },
      heldBack: {},
    });
    expect(faceOf(now())).toEqual(faceOf(issue));
    expect(desk.edits).toHaveLength(2);
    expect(await ledger.write(written.decisionId)).toMatchObject({ undoneBy: undone.decisionId, state: 'applied' });
  });

  test('leaves alone what a person touched since, and says so', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const { decisionId } = await write(EVERYTHING);
    desk.editAs('agent-bo', issue.id, { assignee: 'bo', labels: ['cat-email'] });
    const undone = await takeBack(decisionId);
    expect(undone.heldBack).toEqual({ category: 'human-set', assignee: 'human-set' });
    expect(now()).toMatchObject({ assignee: 'bo', labels: ['cat-email'], components: [], priority: null });
  });

  test('leaves alone what a person set to the very same value', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const { decisionId } = await write({ priority: 'High' });
    desk.editAs('agent-bo', issue.id, { priority: 'Low' });
    desk.editAs('agent-bo', issue.id, { priority: 'High' });
    expect(await takeBack(decisionId)).toMatchObject({ state: 'unchanged', heldBack: { priority: 'human-set' } });
    expect(now().priority).toBe('High');
  });

  test('leaves alone what a later write of ours is about, until that one is taken back', async () => {
    const { write, takeBack, now } = undoDesk();
    const first = await write({ category: 'access', component: 'Login' });
    const second = await write({ category: 'email' });
    expect(await takeBack(first.decisionId)).toMatchObject({
      state: 'applied',
      heldBack: { category: 'changed-since' },
      changes: { component: { before: 'Login', after: null } },
    });
    expect(await takeBack(second.decisionId)).toMatchObject({
      changes: { category: { before: 'email', after: 'access' } },
    });
    expect(now().labels).toEqual(['cat-access']);
  });

  test('two writes, newest first, lead back to the beginning', async () => {
    const { write, takeBack, now, issue } = undoDesk(issueWith({ labels: ['vip'] }));
    const first = await write({ category: 'access' });
    const second = await write({ category: 'email', component: 'Mail' });
    await takeBack(second.decisionId);
    await takeBack(first.decisionId);
    expect(faceOf(now())).toEqual(faceOf(issue));
  });

  test('a value that came back to ours through later writes is not taken for the first one’s', async () => {
    const { write, takeBack, now } = undoDesk();
    const first = await write({ category: 'access' });
    await write({ category: 'email' });
    await write({ category: 'access' });
    expect(await takeBack(first.decisionId)).toMatchObject({ heldBack: { category: 'changed-since' } });
    expect(now().labels).toEqual(['cat-access']);
  });

  test('what it restores is ours again, so that the next decision may write', async () => {
    const { write, takeBack, now } = undoDesk(issueWith({ priority: 'Medium' }));
    const { decisionId } = await write({ category: 'access', priority: 'High' });
    await takeBack(decisionId);
    expect(now().mark).toMatchObject({ decisionId: `undo-${decisionId}`, values: { priority: 'Medium' } });
    expect(await write({ category: 'email', priority: 'Low' })).toMatchObject({ state: 'applied', heldBack: {} });
  });

  test('the mark keeps other values of ours that still stand', async () => {
    const { write, takeBack, now } = undoDesk();
    await write({ component: 'Login' });
    const { decisionId } = await write({ category: 'access' });
    await takeBack(decisionId);
    expect(now().mark?.values).toEqual({ component: 'Login' });
  });

  test('a person’s value that we had been told to replace comes back as theirs', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    desk.editAs('agent-bo', issue.id, { priority: 'Low' });
    const { decisionId } = await write({ priority: 'High' }, { overridesHumans: true });
    expect(now().priority).toBe('High');
    const undone = await takeBack(decisionId);
    expect(undone).toMatchObject({ state: 'applied', changes: { priority: { before: 'High', after: 'Low' } } });
    expect(now()).toMatchObject({ priority: 'Low', mark: { values: {} } });
    expect(await write({ priority: 'High' })).toMatchObject({ heldBack: { priority: 'human-set' } });
  });

  test('the same for one that was there from the start', async () => {
    const { write, takeBack, now } = undoDesk(issueWith({ priority: 'Low' }));
    const { decisionId } = await write({ priority: 'High' }, { overridesHumans: true });
    await takeBack(decisionId);
    expect(now().priority).toBe('Low');
    expect(await write({ priority: 'High' })).toMatchObject({ heldBack: { priority: 'human-set' } });
  });

  test('a decision that was taken back is not written again when its job runs again', async () => {
    const { desk, ports, write, takeBack, now } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    await takeBack(decisionId);
    expect(await apply(decisionId, playbook, ports())).toMatchObject({ state: 'applied' });
    expect(now().labels).toEqual([]);
    expect(desk.edits).toHaveLength(2);
  });

  test('what was decided before somebody took a write back is not written after it', async () => {
    const { decide, ports, write, takeBack, now } = undoDesk();
    const first = await write({ category: 'access' });
    const waiting = await decide({ category: 'access', component: 'Login' });
    await takeBack(first.decisionId);
    expect(await apply(waiting.id, playbook, ports())).toMatchObject({ state: 'refused', reason: 'taken-back-since' });
    expect(now()).toMatchObject({ labels: [], components: [] });
  });

  test('a person who comes in between our look and our edit keeps what they set', async () => {
    const { desk, write, takeBack, now, issue } = undoDesk();
    const { decisionId } = await write({ priority: 'High', component: 'Login' });
    desk.beforeNextEdit(() => desk.editAs('agent-bo', issue.id, { priority: 'Low' }));
    expect(await takeBack(decisionId)).toMatchObject({
      state: 'applied',
      changes: { component: { before: 'Login', after: null } },
      heldBack: { priority: expect.any(String) },
    });
    expect(now()).toMatchObject({ priority: 'Low', components: [] });
  });

  test('watchers are spared when the playbook says so', async () => {
    const { desk, write, takeBack } = undoDesk(issueWith(), playbookWith({ writeBack: { notifyUsers: false } }));
    await takeBack((await write({ category: 'access' })).decisionId);
    expect(desk.edits.map(({ notifyUsers }) => notifyUsers)).toEqual([false, false]);
  });
});

describe('our note', () => {
  const chatty = playbookWith({ writeBack: { note: 'decisions' } });

  test('tells what was taken back, and what was brought back', async () => {
    const { desk, write, takeBack } = undoDesk(issueWith({ priority: 'Medium' }), chatty);
    const { decisionId } = await write({ category: 'access', priority: 'High', assignee: 'ada' });
    const { decisionId: undone } = await takeBack(decisionId);
    const heading = 'Changed back by Jira Triage';
    expect(desk.notes.map(({ paragraphs }) => paragraphs)).toEqual([
      [heading, 'category: access → (empty)', 'priority: High → Medium', 'assignee: The name of ada → (empty)'],
    ]);
    desk.answerNextNote({ kind: 'refused', reason: '400: too long' });
    expect(await takeBack(undone)).toMatchObject({ state: 'applied', reason: 'the note was refused: 400: too long' });
  });

  test('is not touched where nothing was taken back, or where it is about suggestions alone', async () => {
    const { desk, write, takeBack, issue } = undoDesk(issueWith(), chatty);
    const { decisionId } = await write({ category: 'access' });
    desk.editAs('agent-bo', issue.id, { labels: ['cat-email'] });
    const [before] = desk.notes;
    expect(await takeBack(decisionId)).toMatchObject({ state: 'unchanged' });
    expect(desk.notes).toEqual([before]);
    const shy = undoDesk(issueWith(), playbookWith({ writeBack: { note: 'suggestions' } }));
    await shy.takeBack((await shy.write({ category: 'access' })).decisionId);
    expect(shy.desk.notes).toEqual([]);
  });
});

describe('an outlook', () => {
  test('says what would be done, and does nothing', async () => {
    const { desk, ledger, write, ports, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access', component: 'Login' });
    desk.editAs('agent-bo', issue.id, { components: ['Mail'] });
    const stored = await ledger.write(decisionId);
    if (!stored) throw new Error('no write');
    expect(await rehearseUndo({ id: 'undo-x', write: stored }, playbook, ports())).toEqual({
      id: 'undo-x',
      writeId: decisionId,
      at: stored.at,
      issueKey: issue.key,
      changes: { category: { before: 'access', after: null } },
      heldBack: { component: 'human-set' },
      reason: null,
    });
    expect(desk.edits).toHaveLength(1);
    expect(await ledger.write('undo-x')).toBeNull();
    desk.remove(issue.id);
    expect(await rehearseUndo({ id: 'undo-x', write: stored }, playbook, ports())).toMatchObject({
      reason: 'issue-gone',
    });
  });
});

test('a custom field goes back to what it was', async () => {
  const { write, takeBack, now } = undoDesk(issueWith({ custom: { [TEAM_FIELD]: null } }));
  const { decisionId } = await write({ team: '网络组' });
  expect(now().custom[TEAM_FIELD]).toEqual({ value: '网络组' });
  await takeBack(decisionId);
  expect(now().custom[TEAM_FIELD]).toBeNull();
});
