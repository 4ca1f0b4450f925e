import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../../src/domain/errors.ts';
import { apply } from '../../../src/write-back/apply.ts';
import { nextRound } from '../../../src/write-back/rounds.ts';
import { issueWith, playbookWith, writeWith } from '../../support/fixtures.ts';
import { openDesk } from './desk.ts';

const playbook = playbookWith();

describe('a ticket that people rewrote since it was decided', () => {
  test.each([0, 1])('is not written after round %i, but decided again', async (round) => {
    const { tracker, ledger, decision, ports, issue } = await openDesk(issueWith(), {
      values: { category: 'access' },
      round,
      overridesHumans: true,
    });
    tracker.change(issue.id, { text: 'It is the printer, sorry.' });
    const record = await apply(decision.id, playbook, ports);
    expect(record).toMatchObject({ state: 'superseded', changes: {} });
    expect(tracker.edits).toEqual([]);
    expect(await nextRound(record, { ledger })).toEqual({
      issueId: issue.id,
      isForced: true,
      overridesHumans: true,
      round: round + 1,
    });
  });

  test('is superseded for good, so that the next round is asked for again after a crash', async () => {
    const { tracker, ledger, decision, ports, issue } = await openDesk();
    tracker.change(issue.id, { text: 'It is the printer, sorry.' });
    await apply(decision.id, playbook, ports);
    tracker.change(issue.id, issue);
    const again = await apply(decision.id, playbook, ports);
    expect(again.state).toBe('superseded');
    expect(await nextRound(again, { ledger })).toMatchObject({ round: 1 });
  });

  test('is written all the same after the last round', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), {
      values: { category: 'access' },
      round: 2,
    });
    tracker.change(issue.id, { text: 'It is the printer, sorry.' });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied', heldBack: {} });
    expect(now().labels).toEqual(['cat-access']);
  });

  test('does not hold the issue', async () => {
    const { tracker, decide, decision, ports, issue } = await openDesk();
    tracker.change(issue.id, { text: 'It is the printer, sorry.' });
    await apply(decision.id, playbook, ports);
    const last = await decide({ values: { category: 'printer' }, round: 2 });
    expect(await apply(last.id, playbook, ports)).toMatchObject({ state: 'applied' });
  });

  test('is superseded in the control group too, for its decision is measured as well', async () => {
    const { tracker, decision, ports, issue } = await openDesk(issueWith(), { values: {}, isControl: true });
    tracker.change(issue.id, { summary: 'Something else' });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'superseded' });
  });

  test('whose edit had landed before is not decided again', async () => {
    const { tracker, decision, ports, issue } = await openDesk();
    tracker.loseNextAnswer();
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
    tracker.change(issue.id, { text: 'It is the printer, sorry.' });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
  });
});

describe('a ticket whose playbook was changed since it was decided', () => {
  const next = playbookWith({ revision: '1a2b3c4d-9f8e7d6c5b4a' });

  test('is decided again by the new one, so that what was withdrawn is not written late', async () => {
    const { tracker, ledger, decision, ports } = await openDesk();
    const record = await apply(decision.id, next, ports);
    expect(record).toMatchObject({ state: 'superseded', changes: {} });
    expect(tracker.edits).toEqual([]);
    expect(await nextRound(record, { ledger })).toMatchObject({ round: 1 });
  });

  test('is written when only the commit differs', async () => {
    const revision = '0f0f0f0f-9f8e7d6c5b4a';
    const { decision, ports } = await openDesk(issueWith(), { values: { category: 'access' }, revision });
    expect(await apply(decision.id, next, ports)).toMatchObject({ state: 'applied' });
  });

  test('is written all the same after the last round', async () => {
    const { decision, ports } = await openDesk(issueWith(), { values: { category: 'access' }, round: 2 });
    expect(await apply(decision.id, next, ports)).toMatchObject({ state: 'applied' });
  });
});

describe('no next round follows', () => {
  test.each(['applied', 'unchanged', 'refused', 'dry-run'] as const)('a write that is %s', async (state) => {
    const { ledger, decision } = await openDesk();
    expect(await nextRound(writeWith({ decisionId: decision.id, state }), { ledger })).toBeNull();
  });

  test('a decision that is gone, which is said', async () => {
    const { ledger } = await openDesk();
    await expect(nextRound(writeWith({ state: 'superseded' }), { ledger })).rejects.toThrow(PermanentError);
  });
});
