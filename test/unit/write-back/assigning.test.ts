import { describe, expect, test } from 'vitest';
import { withoutWrites } from '../../../src/adapters/jira/dry-run.ts';
import { apply } from '../../../src/write-back/apply.ts';
import { ALL_TARGETS, decisionWith, issueWith, playbookWith, says } from '../../support/fixtures.ts';
import { openDesk, portsWith } from './desk.ts';

const playbook = playbookWith();

describe('assigning', () => {
  const person = { values: { category: 'access', assignee: 'ada' } };
  const routed = (standIns: readonly string[]) => ({
    verdicts: { assignee: { ...says('ada'), rung: 'routing' as const } },
    routing: { ...decisionWith().routing, team: 'Desk', assignee: 'ada', alternates: [...standIns] },
  });

  test('writes a person who may be assigned', async () => {
    const { decision, ports, now } = await openDesk(issueWith(), person);
    await apply(decision.id, playbook, ports);
    expect(now().assignee).toBe('ada');
  });

  test.each(['-1', '', 'x'.repeat(129)])('never sends what is no account: %j', async (assignee) => {
    const values = { category: 'access', assignee };
    const { decision, ports, now } = await openDesk(issueWith(), { values });
    await apply(decision.id, playbook, ports);
    expect(now()).toMatchObject({ assignee: null, labels: ['cat-access'] });
  });

  test('asks about nobody whom Jira takes', async () => {
    const { tracker, ledger, decision, now } = await openDesk(issueWith(), person);
    const isAssignable = async () => Promise.reject(new Error('few such questions are let through'));
    await apply(decision.id, playbook, portsWith({ tracker: { ...tracker, isAssignable }, ledger }));
    expect(now().assignee).toBe('ada');
  });

  test('passes nobody over when an edit is refused for another reason', async () => {
    const { tracker, decision, ports } = await openDesk(issueWith(), routed(['ben']));
    tracker.answerNextEdit({ kind: 'refused', reason: "400: Field 'labels' cannot be set" });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'refused',
      changes: { assignee: { after: 'ada' } },
      passedOver: [],
    });
    expect(tracker.edits).toEqual([]);
  });

  test('takes the next in line in a dry run, too', async () => {
    const { tracker, ledger, decision } = await openDesk(issueWith(), routed(['ben']));
    tracker.unassignable.add('ada');
    const record = await apply(decision.id, playbook, portsWith({ tracker: withoutWrites(tracker), ledger }));
    expect(record).toMatchObject({ state: 'dry-run', changes: { assignee: { after: 'ben' } } });
    expect(record.passedOver).toHaveLength(1);
  });

  test('takes the next in line when a person cannot be assigned any more, and records who was passed over', async () => {
    const { tracker, decision, ports, now } = await openDesk(issueWith(), routed(['ben', 'cem']));
    tracker.unassignable.add('ada').add('ben');
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'applied',
      changes: { assignee: { before: null, after: 'cem' } },
      passedOver: [
        { accountId: 'ada', why: 'could not be assigned when it was written' },
        { accountId: 'ben', why: 'could not be assigned when it was written' },
      ],
    });
    expect(now().assignee).toBe('cem');
  });

  test('leaves out a person who may not, and writes the rest', async () => {
    const { tracker, decision, ports, now } = await openDesk(issueWith(), person);
    tracker.unassignable.add('ada');
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'applied',
      heldBack: { assignee: 'not-assignable' },
    });
    expect(now()).toMatchObject({ assignee: null, labels: ['cat-access'] });
  });

  test('does not suggest a person who may not be assigned either', async () => {
    const shy = playbookWith({ targets: { assignee: { kind: 'assignee', mode: 'suggest' } } });
    const { tracker, decision, ports } = await openDesk(issueWith(), person);
    tracker.unassignable.add('ada');
    expect(await apply(decision.id, shy, ports)).toMatchObject({
      state: 'unchanged',
      heldBack: { assignee: 'not-assignable' },
    });
    expect(tracker.edits).toEqual([]);
  });
});

describe('suggesting', () => {
  const targets = { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, mode: 'suggest' } } as const;
  const shy = playbookWith({ targets });

  test('is an edit of nothing but the mark', async () => {
    const { tracker, decision, ports, now } = await openDesk();
    expect(await apply(decision.id, shy, ports)).toMatchObject({
      state: 'applied',
      changes: {},
      heldBack: {},
      suggestions: { category: 'access' },
    });
    expect(now()).toMatchObject({ labels: [], changes: [] });
    expect(tracker.edits.map(({ mark }) => [mark.values, mark.suggested])).toEqual([[{}, { category: 'access' }]]);
    expect(tracker.notes).toEqual([]);
  });

  test('goes in the edit of what may be written', async () => {
    const { tracker, decision, ports, now } = await openDesk(issueWith(), {
      values: { category: 'access', component: 'Login' },
    });
    expect(await apply(decision.id, shy, ports)).toMatchObject({ state: 'applied' });
    expect(now()).toMatchObject({ labels: [], components: ['Login'] });
    expect(tracker.edits.map(({ mark }) => [mark.values, mark.suggested])).toEqual([
      [{ component: 'Login' }, { category: 'access' }],
    ]);
  });

  test('again is no edit, unless something else is suggested', async () => {
    const { tracker, decide, decision, ports } = await openDesk();
    await apply(decision.id, shy, ports);
    const same = await decide({ values: { category: 'access' } });
    expect(await apply(same.id, shy, ports)).toMatchObject({
      state: 'unchanged',
      suggestions: { category: 'access' },
    });
    expect(tracker.edits).toHaveLength(1);
    const other = await decide({ values: { category: 'email' } });
    expect(await apply(other.id, shy, ports)).toMatchObject({ state: 'applied' });
    expect(tracker.edits).toHaveLength(2);
  });

  test('is not done in a dry run', async () => {
    const { tracker, ledger, decision } = await openDesk();
    const chatty = playbookWith({ targets, writeBack: { note: 'suggestions' } });
    const record = await apply(decision.id, chatty, portsWith({ tracker: withoutWrites(tracker), ledger }));
    expect(record).toMatchObject({ state: 'dry-run', suggestions: { category: 'access' } });
    expect([tracker.notes, tracker.edits]).toEqual([[], []]);
  });
});
