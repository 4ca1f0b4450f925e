import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { abandon, apply } from '../../../src/write-back/apply.ts';
import { ALL_TARGETS, editableWith, issueWith, playbookWith } from '../../support/fixtures.ts';
import { lockLost, openDesk, portsWith } from './desk.ts';

const playbook = playbookWith();

describe('after a crash', () => {
  test('between the edit and its record, the edit is recognised by its mark and not made again', async () => {
    const { tracker, decision, ports } = await openDesk();
    tracker.loseNextAnswer();
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'applied',
      changes: { category: { before: null, after: 'access' } },
    });
    expect(tracker.edits).toHaveLength(1);
  });

  test('between the edit and its record, a person’s edit since then is left alone', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk();
    tracker.loseNextAnswer();
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
    tracker.editAs('agent-ada', issue.id, { labels: [] });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
    expect(now().labels).toEqual([]);
    expect(tracker.edits).toHaveLength(1);
  });

  test('between a suggestion and its note, the suggestion is not made again and the note follows', async () => {
    const targets = { category: { ...ALL_TARGETS.category, mode: 'suggest' } } as const;
    const chatty = playbookWith({ targets, writeBack: { note: 'suggestions' } });
    const { tracker, decision, ports } = await openDesk();
    tracker.loseNextAnswer();
    await expect(apply(decision.id, chatty, ports)).rejects.toThrow('lost');
    expect(await apply(decision.id, chatty, ports)).toMatchObject({
      state: 'applied',
      suggestions: { category: 'access' },
    });
    expect([tracker.notes.length, tracker.edits.length]).toEqual([1, 1]);
  });

  test('a worker that lost its job after the edit writes no note beside the one that has it now', async () => {
    const chatty = playbookWith({ writeBack: { note: 'decisions' } });
    const { tracker, decision, ports } = await openDesk();
    const assertStillOurs = async () => {
      if (tracker.edits.length > 0) await lockLost();
    };
    await expect(apply(decision.id, chatty, { ...ports, assertStillOurs })).rejects.toThrow('the lock was lost');
    expect([tracker.edits.length, tracker.notes.length]).toEqual([1, 0]);
    expect(await apply(decision.id, chatty, ports)).toMatchObject({ state: 'applied' });
    expect([tracker.edits.length, tracker.notes.length]).toEqual([1, 1]);
  });

  test('before the edit, the plan is made anew from the issue as it is by then', async () => {
    const { tracker, decision, ports, issue } = await openDesk();
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lockLost })).rejects.toThrow(
      'the lock was lost',
    );
    expect(tracker.edits).toEqual([]);
    tracker.change(issue.id, { labels: ['cat-email'] });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({
      state: 'unchanged',
      changes: {},
      heldBack: { category: 'human-set' },
    });
  });

  test('a worker that slept, while another one took its job over, records nothing of what it saw before', async () => {
    const issue = issueWith({ editable: editableWith({ labels: null }) });
    const { ledger, decision, ports } = await openDesk(issue);
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lockLost })).rejects.toThrow(
      'the lock was lost',
    );
    expect(await ledger.write(decision.id)).toMatchObject({ state: 'planned', heldBack: {} });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ heldBack: { category: 'not-editable' } });
  });

  test('a worker that lost its job makes no edit', async () => {
    const { tracker, ledger, decision, ports } = await openDesk();
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lockLost })).rejects.toThrow(
      'the lock was lost',
    );
    expect(tracker.edits).toEqual([]);
    expect(await ledger.write(decision.id)).toMatchObject({ state: 'planned' });
  });
});

describe('two decisions about one issue', () => {
  test('do not write at the same time', async () => {
    const { tracker, decide, decision, ports } = await openDesk();
    const second = await decide({ values: { category: 'email' } });
    const during: unknown[] = [];
    const assertStillOurs = async () => {
      during.push(await apply(second.id, playbook, ports).catch((error: unknown) => error));
    };
    await apply(decision.id, playbook, { ...ports, assertStillOurs });
    expect(during[0]).toBeInstanceOf(TransientError);
    expect(tracker.edits.map(({ mark }) => mark.decisionId)).toEqual([decision.id]);
  });

  test('never plan from a look at the issue before the other one wrote', async () => {
    const { tracker, decide, decision, ports, ledger, issue, now } = await openDesk();
    const other = await decide({ values: { category: 'vpn' } });
    let isFirstLook = true;
    const slow: Tracker = {
      ...tracker,
      issue: async (id) => {
        const seen = await tracker.issue(id);
        if (isFirstLook) {
          isFirstLook = false;
          await expect(apply(other.id, playbook, ports)).rejects.toThrow(TransientError);
        }
        return seen;
      },
    };
    await apply(decision.id, playbook, portsWith({ tracker: slow, ledger }));
    await apply(other.id, playbook, ports);
    expect(now().labels).toEqual(['cat-vpn']);
    expect(tracker.edits.filter(({ issueId }) => issueId === issue.id)).toHaveLength(2);
  });

  test('follow one another: the later one replaces our value and nothing of a person’s', async () => {
    const { tracker, decide, decision, ports, now } = await openDesk(issueWith({ labels: ['vip'] }));
    const second = await decide({ values: { category: 'email' } });
    await apply(decision.id, playbook, ports);
    expect(await apply(second.id, playbook, ports)).toMatchObject({
      state: 'applied',
      changes: { category: { before: 'access', after: 'email' } },
    });
    expect(now().labels).toEqual(['vip', 'cat-email']);
    expect(tracker.edits).toHaveLength(2);
  });
});

describe('abandoning', () => {
  test('frees an issue that a planned write still holds', async () => {
    const { decide, decision, ports } = await openDesk();
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lockLost })).rejects.toThrow(
      'the lock was lost',
    );
    await abandon(decision.id, 'eight attempts', ports);
    expect(await ports.ledger.write(decision.id)).toMatchObject({
      state: 'refused',
      reason: 'given up: eight attempts',
    });
    const second = await decide({ values: { category: 'email' } });
    expect(await apply(second.id, playbook, ports)).toMatchObject({ state: 'applied' });
  });

  test('lets an edit that had landed stand, so that it can be taken back', async () => {
    const { tracker, decision, ports, issue } = await openDesk();
    tracker.loseNextAnswer();
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
    await abandon(decision.id, 'eight attempts', ports);
    expect(await ports.ledger.write(decision.id)).toMatchObject({
      state: 'applied',
      reason: 'given up after the edit: eight attempts',
    });
    expect(await ports.ledger.undoable({ issueKey: issue.key })).toMatchObject([{ decisionId: decision.id }]);
  });

  test('says so when Jira cannot tell whether the edit landed', async () => {
    const { tracker, decision, ports } = await openDesk();
    tracker.loseNextAnswer();
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
    const away: Tracker = {
      ...tracker,
      issue: async () => {
        throw new TransientError('Jira is away');
      },
    };
    await abandon(decision.id, 'a day', { ...ports, tracker: away });
    expect(await ports.ledger.write(decision.id)).toMatchObject({
      state: 'refused',
      reason: 'given up, the edit may have landed: a day',
    });
  });

  test('leaves a finished write as it is, and does not mind that there is none', async () => {
    const { decision, ports } = await openDesk();
    await apply(decision.id, playbook, ports);
    await abandon(decision.id, 'too late', ports);
    await abandon('never-made', 'whatever', ports);
    expect(await ports.ledger.write(decision.id)).toMatchObject({ state: 'applied', reason: null });
  });
});
