import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownerOf } from '../../../src/domain/playbook/owner.ts';
import { readValue } from '../../../src/domain/playbook/target.ts';
import { plan } from '../../../src/write-back/plan.ts';
import {
  ALL_TARGETS,
  BOT,
  decisionWith,
  editableWith,
  issueWith,
  playbookWith,
  TEAM_FIELD,
} from '../../support/fixtures.ts';
import { deskWith } from '../support/tracker.ts';

const playbook = playbookWith();
const context = { playbook, ourAccountId: BOT };

describe('for any issue and any decision', () => {
  const word = fc.constantFrom('access', 'email', 'High', 'Medium', 'Login', 'Mail', 'ada', '__proto__', '🖨️');
  const change = fc.record({
    fieldId: fc.constantFrom('labels', 'priority', 'components', 'assignee', TEAM_FIELD, 'summary'),
    from: fc.option(word.map((value) => `cat-${value}`)),
    to: fc.option(word.map((value) => `cat-${value}`)),
    by: fc.constantFrom(BOT, 'agent-ada'),
    at: fc.constant('2026-05-01T08:30:00.000Z'),
  });
  const limits = fc.dictionary(
    fc.constantFrom('labels', 'priority', 'components', 'assignee', TEAM_FIELD),
    fc.option(fc.array(word)),
  );
  const issue = fc
    .record({
      // One value of ours at most: we never add a second one, and a person's second one makes the field theirs.
      labels: fc
        .tuple(fc.uniqueArray(word), fc.option(word))
        .map(([others, ours]) => (ours === null ? others : [...others, `cat-${ours}`])),
      components: fc.option(word).map((name) => (name === null ? [] : [name])),
      priority: fc.option(word),
      assignee: fc.option(word),
      custom: fc.option(word).map((value) => (value === null ? {} : { [TEAM_FIELD]: { value } })),
      isFinished: fc.boolean(),
      changes: fc.array(change, { maxLength: 4 }),
      editable: limits.map(editableWith),
    })
    .map(issueWith);
  const decision = fc
    .dictionary(fc.constantFrom(...Object.keys(ALL_TARGETS)), word)
    .map((values) => decisionWith({ values }));

  test('no planned change touches a value that a person stands behind', () => {
    fc.assert(
      fc.property(issue, decision, (anIssue, aDecision) => {
        const { changes, suggestions, heldBack } = plan(aDecision, anIssue, context);
        for (const target of playbook.targets) {
          const isTouched = target.name in changes || target.name in suggestions;
          if (ownerOf(target, anIssue, BOT) === 'human') expect(isTouched).toBe(false);
          const isDecided = target.name in aDecision.verdicts;
          expect(Number(isTouched) + Number(target.name in heldBack)).toBe(isDecided ? 1 : 0);
        }
      }),
    );
  });

  test('no planned value lies outside what Jira allows now', () => {
    fc.assert(
      fc.property(issue, decision, (anIssue, aDecision) => {
        const { edit } = plan(aDecision, anIssue, context);
        for (const field of [...Object.keys(edit.fields), ...Object.keys(edit.update)])
          expect(anIssue.editable.has(field)).toBe(true);
        for (const field of Object.keys(edit.fields)) expect(edit.update).not.toHaveProperty([field]);
      }),
    );
  });

  test('once the edit is made, the issue reads as planned and nothing is left to do', async () => {
    await fc.assert(
      fc.asyncProperty(issue, decision, async (anIssue, aDecision) => {
        const first = plan(aDecision, anIssue, context);
        const desk = deskWith(anIssue);
        const mark = { decisionId: aDecision.id, revision: 'r', at: 'now', values: {} };
        await desk.edit(anIssue.id, { ...first.edit, mark, notifyUsers: true });
        for (const target of playbook.targets) {
          const expected = first.changes[target.name]?.after ?? readValue(target, anIssue);
          expect(readValue(target, desk.now(anIssue.id))).toBe(expected);
        }
        expect(plan(aDecision, desk.now(anIssue.id), context).changes).toEqual({});
      }),
    );
  });
});
