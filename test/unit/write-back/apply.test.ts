import { describe, expect, test } from 'vitest';
import { withoutWrites } from '../../../src/adapters/jira/dry-run.ts';
import type { Decision } from '../../../src/domain/decision.ts';
import { PermanentError, TransientError } from '../../../src/domain/errors.ts';
import type { Issue } from '../../../src/domain/issue.ts';
import type { Ledger, Tracker } from '../../../src/domain/ports.ts';
import { abandon, apply } from '../../../src/write-back/apply.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import {
  ALL_TARGETS,
  BOT,
  decisionWith,
  editableWith,
  evidenceWith,
  issueWith,
  playbookWith,
  says,
} from '../../support/fixtures.ts';
import { deskWith } from '../support/tracker.ts';

const playbook = playbookWith();

/** A desk with one issue, and a ledger that holds one decision about it. */
async function openDesk(
  issue: Issue = issueWith(),
  parts: Parameters<typeof decisionWith>[0] = { values: { category: 'access' } },
) {
  const tracker = deskWith(issue);
  const ledger = ledgerFake();
  const decide = (more: Parameters<typeof decisionWith>[0]): Promise<Decision> =>
    ledger.recordDecision(decisionWith({ issueId: issue.id, issueKey: issue.key, ...more }));
  const decision = await decide(parts);
  const ports = portsWith({ tracker, ledger });
  return { tracker, ledger, decide, decision, ports, issue, now: () => tracker.now(issue.id) };
}

function portsWith(parts: { tracker: Tracker; ledger: Ledger }) {
  return { clock: { now: () => new Date('2026-05-01T09:00:00Z') }, assertStillOurs: async () => {}, ...parts };
}

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
    const { tracker, decision, ports } = await openDesk(issue, { values: { priority: 'High' } });
    await apply(decision.id, playbook, ports);
    expect(tracker.edits[0]?.mark.values).toEqual({ category: 'access', priority: 'High' });
  });
});

describe('assigning', () => {
  const person = { values: { category: 'access', assignee: 'ada' } };

  test('writes a person who may be assigned', async () => {
    const { decision, ports, now } = await openDesk(issueWith(), person);
    await apply(decision.id, playbook, ports);
    expect(now().assignee).toBe('ada');
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
    expect(tracker.notes).toEqual([]);
  });
});

describe('suggesting', () => {
  const shy = playbookWith({ targets: { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, mode: 'suggest' } } });

  test('is a note and no edit', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), {
      verdicts: { category: says('access', 0.876) },
      evidence: ['IT-5', 'HR-6', 'ITX-7'].map((key) => evidenceWith({ key, isSimilar: true })),
    });
    expect(await apply(decision.id, shy, ports)).toMatchObject({
      state: 'applied',
      changes: {},
      heldBack: { category: 'suggested access' },
    });
    expect(tracker.notes).toEqual([
      {
        issueId: issue.id,
        paragraphs: ['Suggestion from Jira Triage', 'category: access (88 %)', 'Similar tickets: IT-5'],
      },
    ]);
    expect(now().labels).toEqual([]);
    expect(tracker.edits).toEqual([]);
  });

  test('goes beside an edit of what may be written', async () => {
    const { tracker, decision, ports, now } = await openDesk(issueWith(), {
      values: { category: 'access', component: 'Login' },
    });
    expect(await apply(decision.id, shy, ports)).toMatchObject({ state: 'applied' });
    expect(tracker.notes).toHaveLength(1);
    expect(now()).toMatchObject({ labels: [], components: ['Login'] });
    expect(tracker.edits[0]?.mark.values).toEqual({ component: 'Login' });
  });

  test('is not said again when the edit after it has to be repeated', async () => {
    const { tracker, decision, ports } = await openDesk(issueWith(), {
      values: { category: 'access', component: 'Login' },
    });
    tracker.loseNextAnswer();
    await expect(apply(decision.id, shy, ports)).rejects.toThrow('lost');
    expect(await apply(decision.id, shy, ports)).toMatchObject({ state: 'applied' });
    expect([tracker.notes.length, tracker.edits.length]).toEqual([1, 1]);
  });

  test('is not done in a dry run', async () => {
    const { tracker, ledger, decision } = await openDesk(issueWith(), {
      values: { category: 'access', component: 'Login' },
    });
    const record = await apply(decision.id, shy, portsWith({ tracker: withoutWrites(tracker), ledger }));
    expect(record.state).toBe('dry-run');
    expect([tracker.notes, tracker.edits]).toEqual([[], []]);
  });
});

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
    const by = 'agent-ada';
    const change = { fieldId: 'labels', from: 'cat-access', to: null, by, at: '2026-05-01T10:00:00.000Z' };
    tracker.change(issue.id, { labels: [], changes: [change, ...now().changes] });
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
    expect(now().labels).toEqual([]);
    expect(tracker.edits).toHaveLength(1);
  });

  test('before the edit, the plan is made anew from the issue as it is by then', async () => {
    const { tracker, decision, ports, issue } = await openDesk();
    const lost = async () => {
      throw new Error('the lock was lost');
    };
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lost })).rejects.toThrow(
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

  test('a worker that lost its job makes no edit', async () => {
    const { tracker, ledger, decision, ports } = await openDesk();
    const lost = async () => {
      throw new Error('the lock was lost');
    };
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lost })).rejects.toThrow(
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
    const lost = async () => {
      throw new Error('the lock was lost');
    };
    await expect(apply(decision.id, playbook, { ...ports, assertStillOurs: lost })).rejects.toThrow(
      'the lock was lost',
    );
    await abandon(decision.id, 'eight attempts', ports);
    expect(await ports.ledger.write(decision.id)).toMatchObject({
      state: 'refused',
      reason: 'given up, the edit may have landed: eight attempts',
    });
    const second = await decide({ values: { category: 'email' } });
    expect(await apply(second.id, playbook, ports)).toMatchObject({ state: 'applied' });
  });

  test('leaves a finished write as it is, and does not mind that there is none', async () => {
    const { decision, ports } = await openDesk();
    await apply(decision.id, playbook, ports);
    await abandon(decision.id, 'too late', ports);
    await abandon('never-made', 'whatever', ports);
    expect(await ports.ledger.write(decision.id)).toMatchObject({ state: 'applied', reason: null });
  });
});

test('a field that cannot be edited never stops the others', async () => {
  const { decision, ports, now } = await openDesk(issueWith({ editable: editableWith({ labels: null }) }), {
    values: { category: 'access', component: 'Login' },
  });
  expect(await apply(decision.id, playbook, ports)).toMatchObject({ heldBack: { category: 'not-editable' } });
  expect(now()).toMatchObject({ labels: [], components: ['Login'] });
});
