import { describe, expect, test } from 'vitest';
import { withoutWrites } from '../../../src/adapters/jira/dry-run.ts';
import { PermanentError } from '../../../src/domain/errors.ts';
import { apply } from '../../../src/write-back/apply.ts';
import { BOT, editableWith, issueWith, playbookWith, writeWith } from '../../support/fixtures.ts';
import { openDesk, portsWith } from './desk.ts';

const playbook = playbookWith();

describe('applying a decision', () => {
  test('is one edit, marked with the decision, recorded with before and after', async () => {
    const { tracker, ledger, decision, ports, issue, now } = await openDesk(issueWith({ priority: 'Medium' }), {
      values: { category: 'access', priority: 'High', component: 'Login' },
    });
    const record = await apply(decision.id, playbook, ports);
    expect(record).toEqual({
      decisionId: decision.id,
      issueId: issue.id,
      issueKey: issue.key,
      state: 'applied',
      reason: null,
      changes: {
        category: { before: null, after: 'access' },
        priority: { before: 'Medium', after: 'High' },
        component: { before: null, after: 'Login' },
      },
      heldBack: {},
      suggestions: {},
      passedOver: [],
      undoes: null,
    });
    expect(await ledger.write(decision.id)).toMatchObject(record);
    expect(now()).toMatchObject({ labels: ['cat-access'], priority: 'High', components: ['Login'] });
    expect(tracker.edits).toEqual([
      {
        issueId: issue.id,
        notifyUsers: true,
        mark: {
          decisionId: decision.id,
          revision: decision.revision,
          at: '2026-05-01T09:00:00.000Z',
          values: { category: 'access', priority: 'High', component: 'Login' },
        },
      },
    ]);
  });

  test('a second time changes nothing and tells the first outcome', async () => {
    const { tracker, decision, ports } = await openDesk();
    const first = await apply(decision.id, playbook, ports);
    expect(await apply(decision.id, playbook, ports)).toMatchObject(first);
    expect(tracker.edits).toHaveLength(1);
  });

  test('looks at the issue as it is now, not as it was when it was decided', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk();
    tracker.change(issue.id, { labels: ['cat-email'] });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'unchanged',
      changes: {},
      heldBack: { category: 'human-set' },
    });
    expect(now().labels).toEqual(['cat-email']);
    expect(tracker.edits).toEqual([]);
  });

  test('a target a person owns is left out while the others are written', async () => {
    const { decision, ports, now } = await openDesk(issueWith({ labels: ['cat-email'] }), {
      values: { category: 'access', component: 'Login' },
    });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'applied',
      heldBack: { category: 'human-set' },
    });
    expect(now()).toMatchObject({ labels: ['cat-email'], components: ['Login'] });
  });

  test('without a decided value writes nothing and says so', async () => {
    const { tracker, decision, ports } = await openDesk(issueWith(), { values: {} });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'unchanged', changes: {} });
    expect(tracker.edits).toEqual([]);
  });

  test('an issue that is gone is refused', async () => {
    const { tracker, decision, ports, issue } = await openDesk();
    tracker.remove(issue.id);
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'refused', reason: 'issue-gone' });
  });

  test('an issue that goes in the last moment is refused', async () => {
    const { tracker, decision, ports } = await openDesk();
    tracker.answerNextEdit({ kind: 'gone' });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'refused', reason: 'issue-gone' });
  });

  test('a refusal of Jira is kept with its words', async () => {
    const { tracker, decision, ports } = await openDesk();
    tracker.answerNextEdit({ kind: 'refused', reason: '400: labels: too long' });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'refused',
      reason: '400: labels: too long',
    });
  });

  test('an unknown decision can never be applied', async () => {
    const { ports } = await openDesk();
    await expect(apply('never-made', playbook, ports)).rejects.toThrow(PermanentError);
  });

  test('a dry run records what would have been written', async () => {
    const { tracker, ledger, decision } = await openDesk();
    const record = await apply(decision.id, playbook, portsWith({ tracker: withoutWrites(tracker), ledger }));
    expect(record).toMatchObject({ state: 'dry-run', changes: { category: { before: null, after: 'access' } } });
    expect(tracker.edits).toEqual([]);
  });

  test('watchers are spared when the playbook says so', async () => {
    const { tracker, decision, ports } = await openDesk();
    await apply(decision.id, playbookWith({ writeBack: { notifyUsers: false } }), ports);
    expect(tracker.edits.map(({ notifyUsers }) => notifyUsers)).toEqual([false]);
  });

  test('an issue that moved is recorded under its new key', async () => {
    const { tracker, decision, ports, issue } = await openDesk();
    tracker.change(issue.id, { key: 'IT-99999' });
    expect((await apply(decision.id, playbook, ports)).issueKey).toBe('IT-99999');
  });

  test('the mark keeps earlier values of ours that still stand, and drops those that do not', async () => {
    const issue = issueWith({
      labels: ['cat-access'],
      components: ['Mail'],
      mark: { decisionId: 'old', revision: 'r', at: 't', values: { category: 'access', component: 'Login' } },
      changes: [{ fieldId: 'labels', from: null, to: 'cat-access', by: BOT, at: '2026-05-01T08:00:00.000Z' }],
    });
    const { tracker, ledger, decision, ports } = await openDesk(issue, { values: { priority: 'High' } });
    await ledger.recordWrite(writeWith({ decisionId: 'old', issueId: issue.id }));
    await apply(decision.id, playbook, ports);
    expect(tracker.edits[0]?.mark.values).toEqual({ category: 'access', priority: 'High' });
  });

  test.each([
    ['another installation made', 'foreign'],
    ['our ledger forgot', 'trimmed'],
  ])('a value by a decision that %s is left alone', async (_what, decisionId) => {
    const issue = issueWith({
      labels: ['cat-email'],
      mark: { decisionId, revision: 'r', at: 't', values: { category: 'email' } },
      changes: [{ fieldId: 'labels', from: null, to: 'cat-email', by: BOT, at: '2026-05-01T08:00:00.000Z' }],
    });
    const { tracker, decision, ports } = await openDesk(issue);
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'unchanged',
      heldBack: { category: 'human-set' },
    });
    expect(tracker.edits).toEqual([]);
  });

  test('a pulled brake holds from the next write on', async () => {
    const { ledger, decision, ports, now } = await openDesk(issueWith(), {
      values: { category: 'access', component: 'Login' },
    });
    const brake = { id: 'b', kind: 'override-rate', why: 'too often', pulledAt: '2026-05-01T08:30:00.000Z' } as const;
    await ledger.pullBrake({ ...brake, target: 'category', value: 'access' });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'applied',
      suggestions: { category: 'access' },
    });
    expect(now()).toMatchObject({ labels: [], components: ['Login'] });
  });

  test('a ticket of the control group is not touched', async () => {
    const { tracker, decision, ports } = await openDesk(issueWith(), {
      values: { category: 'access' },
      isControl: true,
    });
    const chatty = playbookWith({ writeBack: { note: 'decisions' } });
    expect(await apply(decision.id, chatty, ports)).toMatchObject({
      state: 'unchanged',
      heldBack: { category: 'control-group' },
    });
    expect([tracker.edits, tracker.notes]).toEqual([[], []]);
  });
});

test('a field that cannot be edited never stops the others', async () => {
  const { decision, ports, now } = await openDesk(issueWith({ editable: editableWith({ labels: null }) }), {
    values: { category: 'access', component: 'Login' },
  });
  expect(await apply(decision.id, playbook, ports)).toMatchObject({ heldBack: { category: 'not-editable' } });
  expect(now()).toMatchObject({ labels: [], components: ['Login'] });
});
