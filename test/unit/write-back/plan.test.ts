import { describe, expect, test } from 'vitest';
import type { FieldChange, Issue } from '../../../src/domain/ticket/issue.ts';
import { plan } from '../../../src/write-back/plan.ts';
import {
  ALL_TARGETS,
  abstains,
  BOT,
  decisionWith,
  editableWith,
  issueWith,
  playbookWith,
  TEAM_FIELD,
} from '../../support/fixtures.ts';

const playbook = playbookWith();
const context = { playbook, ourAccountId: BOT };
const EVERYTHING = { category: 'access', priority: 'High', component: 'Login', team: 'Desk', assignee: 'ada' };

const planFor = (values: Readonly<Record<string, string>>, issue: Issue) =>
  plan(decisionWith({ values }), issue, context);

const changed = (fieldId: string, parts: Partial<FieldChange> = {}): FieldChange => ({
  fieldId,
  from: null,
  to: null,
  by: 'agent-ada',
  at: '2026-05-01T08:30:00.000Z',
  ...parts,
});

const ourEmail = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'email' } };

describe('a plan for an untouched issue', () => {
  test('sets every decided target in one edit', () => {
    const { changes, edit, heldBack } = planFor(EVERYTHING, issueWith({ priority: 'Medium' }));
    expect(changes).toEqual({
      category: { before: null, after: 'access' },
      priority: { before: 'Medium', after: 'High' },
      component: { before: null, after: 'Login' },
      team: { before: null, after: 'Desk' },
      assignee: { before: null, after: 'ada' },
    });
    expect(edit).toEqual({
      fields: { priority: { name: 'High' }, [TEAM_FIELD]: { value: 'Desk' }, assignee: { accountId: 'ada' } },
      update: { labels: [{ add: 'cat-access' }], components: [{ add: { name: 'Login' } }] },
    });
    expect(heldBack).toEqual({});
  });

  test('leaves out targets that were not decided', () => {
    const decision = decisionWith({ verdicts: { category: abstains(), priority: abstains('thin-data') } });
    expect(plan(decision, issueWith(), context)).toEqual({
      changes: {},
      suggestions: {},
      heldBack: {},
      edit: { fields: {}, update: {} },
    });
  });

  test('joins two label families into one operation on labels', () => {
    const two = playbookWith({
      targets: { category: ALL_TARGETS.category, urgency: { kind: 'label', prefix: 'urg-', mode: 'auto' } },
    });
    const decision = decisionWith({ values: { category: 'access', urgency: 'now' } });
    expect(plan(decision, issueWith(), { ...context, playbook: two }).edit).toEqual({
      fields: {},
      update: { labels: [{ add: 'cat-access' }, { add: 'urg-now' }] },
    });
  });

  test('a verdict for a target the playbook no longer has is nobody’s', () => {
    expect(planFor({ gone: 'x' }, issueWith()).changes).toEqual({});
  });
});

describe('a human’s value always wins', () => {
  test.each([
    ['category', { labels: ['cat-email'] }],
    ['priority', { priority: 'Low' }],
    ['component', { components: ['Mail'] }],
    ['team', { custom: { [TEAM_FIELD]: { value: 'Network' } } }],
    ['assignee', { assignee: 'ben' }],
  ] as const)('%s set on creation stays', (target, parts) => {
    const { changes, heldBack } = planFor(EVERYTHING, issueWith(parts));
    expect(changes).not.toHaveProperty(target);
    expect(heldBack).toEqual({ [target]: 'human-set' });
  });

  test('what a person set over ours stays', () => {
    const changes = [
      changed('labels', { from: 'cat-access', to: 'cat-email', at: '2026-05-01T10:00:00.000Z' }),
      changed('labels', { from: null, to: 'cat-access', by: BOT, at: '2026-05-01T09:00:00.000Z' }),
    ];
    const { heldBack } = planFor({ category: 'access' }, issueWith({ labels: ['cat-email'], changes }));
    expect(heldBack).toEqual({ category: 'human-set' });
  });

  test.each([
    ['category', changed('labels', { from: 'cat-access vip', to: 'vip' })],
    ['priority', changed('priority', { from: 'High', to: null })],
    ['component', changed('components', { from: 'Login', to: null })],
    ['team', changed(TEAM_FIELD, { from: 'Desk', to: null })],
    ['assignee', changed('assignee', { from: 'Ada', to: null })],
  ] as const)('%s cleared by a person stays cleared', (target, change) => {
    const { changes, heldBack } = planFor(EVERYTHING, issueWith({ changes: [change] }));
    expect(changes).not.toHaveProperty(target);
    expect(heldBack).toEqual({ [target]: 'human-set' });
  });

  test('a default that a person chose on purpose stays', () => {
    const changes = [changed('priority', { from: 'High', to: 'Medium' })];
    expect(planFor({ priority: 'High' }, issueWith({ priority: 'Medium', changes })).heldBack).toEqual({
      priority: 'human-set',
    });
  });

  test('a person’s edit to other labels is no claim on ours', () => {
    const changes = [
      changed('labels', { from: 'cat-email', to: 'cat-email vip' }),
      changed('labels', { to: 'cat-email', by: BOT }),
    ];
    const { changes: planned } = planFor(
      { category: 'access' },
      issueWith({ labels: ['cat-email', 'vip'], changes, mark: ourEmail }),
    );
    expect(planned).toEqual({ category: { before: 'email', after: 'access' } });
  });
});

describe('what nobody set may be replaced', () => {
  test('a default priority', () => {
    expect(planFor({ priority: 'High' }, issueWith({ priority: 'Medium' })).changes).toEqual({
      priority: { before: 'Medium', after: 'High' },
    });
  });

  test('a value of our own', () => {
    const changes = [changed('labels', { to: 'cat-email', by: BOT })];
    const issue = issueWith({ labels: ['cat-email'], changes, mark: ourEmail });
    expect(planFor({ category: 'access' }, issue).edit).toEqual({
      fields: {},
      update: { labels: [{ add: 'cat-access' }, { remove: 'cat-email' }] },
    });
  });
});

describe('a target is left alone', () => {
  test('when it has the value already, whoever set it', () => {
    const { changes, heldBack } = planFor({ category: 'access' }, issueWith({ labels: ['cat-access'] }));
    expect([changes, heldBack]).toEqual([{}, { category: 'same' }]);
  });

  test('when the issue is finished', () => {
    expect(planFor({ category: 'access' }, issueWith({ isFinished: true })).heldBack).toEqual({ category: 'finished' });
  });

  test('when its field cannot be edited', () => {
    const editable = editableWith({ labels: null });
    expect(planFor({ category: 'access' }, issueWith({ editable })).heldBack).toEqual({ category: 'not-editable' });
  });

  test('when Jira does not allow the value any more', () => {
    const editable = editableWith({ components: ['Mail'] });
    expect(planFor({ component: 'Login' }, issueWith({ editable })).heldBack).toEqual({
      component: 'no-allowed-value',
    });
  });

  test('when the person cannot be assigned', () => {
    const { changes, heldBack } = plan(decisionWith({ values: EVERYTHING }), issueWith(), {
      ...context,
      unassignable: ['ada'],
    });
    expect(heldBack).toEqual({ assignee: 'not-assignable' });
    expect(Object.keys(changes)).toEqual(['category', 'priority', 'component', 'team']);
  });

  test.each(['off', 'shadow'] as const)('in mode %s', (mode) => {
    const quiet = playbookWith({ targets: { category: { ...ALL_TARGETS.category, mode } } });
    const decision = decisionWith({ values: { category: 'access' } });
    expect(plan(decision, issueWith(), { ...context, playbook: quiet })).toMatchObject({
      changes: {},
      suggestions: {},
      heldBack: { category: `mode ${mode}` },
    });
  });

  test('in mode suggest, where it becomes a suggestion and no change', () => {
    const shy = playbookWith({ targets: { category: { ...ALL_TARGETS.category, mode: 'suggest' } } });
    const decision = decisionWith({ values: { category: 'access' } });
    expect(plan(decision, issueWith(), { ...context, playbook: shy })).toEqual({
      changes: {},
      suggestions: { category: 'access' },
      heldBack: {},
      edit: { fields: {}, update: {} },
    });
    expect(plan(decision, issueWith({ labels: ['cat-email'] }), { ...context, playbook: shy }).suggestions).toEqual({});
  });
});
