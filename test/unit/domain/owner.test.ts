import { describe, expect, test } from 'vitest';
import { isHumanSet, ownerOf, wasMovedAwayFrom } from '../../../src/domain/playbook/owner.ts';
import { readValue, type Target } from '../../../src/domain/playbook/target.ts';
import type { FieldChange, Issue, Provenance } from '../../../src/domain/ticket/issue.ts';
import { BOT, issueWith, TEAM_FIELD, targetWith } from '../../support/fixtures.ts';

const label = targetWith('category', { kind: 'label', prefix: 'cat-' });
const priority = targetWith('priority', { kind: 'priority', defaults: ['Medium', 'None'] });
const component = targetWith('component', { kind: 'component' });
const assignee = targetWith('assignee', { kind: 'assignee' });
const select = targetWith('team', { kind: 'select', field: TEAM_FIELD });
const text = targetWith('route', { kind: 'text', field: 'customfield_10051' });

const changed = (fieldId: string, by: string, from: string | null, to: string | null): FieldChange => ({
  fieldId,
  from,
  to,
  by,
  at: 't',
});

/** The mark our edit would have left. */
function markOf(target: Target, issue: Issue): Provenance {
  return { decisionId: 'd', revision: 'r', at: 't', values: { [target.name]: readValue(target, issue) ?? '' } };
}

describe.each([
  [label, 'labels', { labels: ['vip', 'cat-b'] }, 'cat-a', 'cat-b'],
  [priority, 'priority', { priority: 'b' }, 'a', 'b'],
  [component, 'components', { components: ['b'] }, 'a', 'b'],
  [assignee, 'assignee', { assignee: 'b' }, 'a', 'b'],
  [select, TEAM_FIELD, { custom: { [TEAM_FIELD]: { value: 'b' } } }, 'a', 'b'],
  [text, 'customfield_10051', { custom: { customfield_10051: 'b' } }, 'a', 'b'],
] as const)('a target of kind $kind', (target: Target, field, parts: Partial<Issue>, a, b) => {
  const ours = (...changes: readonly FieldChange[]) =>
    issueWith({ ...parts, mark: markOf(target, issueWith(parts)), changes });

  test('belongs to a person who set it when creating the issue', () => {
    expect(ownerOf(target, issueWith(parts), BOT)).toBe('human');
  });

  test('belongs to nobody while it is empty and untouched, or emptied by us', () => {
    expect(ownerOf(target, issueWith(), BOT)).toBe('nobody');
    const changes = [changed(field, BOT, b, null), changed(field, BOT, null, b)];
    expect(ownerOf(target, issueWith({ changes }), BOT)).toBe('nobody');
  });

  test('is ours when nobody else ever touched it and we marked it', () => {
    expect(ownerOf(target, ours(changed(field, BOT, a, b), changed(field, BOT, null, a)), BOT)).toBe('us');
    expect(ownerOf(target, { ...ours(changed(field, BOT, null, b)), mark: null }, BOT)).toBe('human');
  });

  test('is a person’s for ever once one touched it, whoever was last', () => {
    const byUs = changed(field, BOT, a, b);
    const byAda = changed(field, 'ada', null, a);
    expect(ownerOf(target, ours(byUs, byAda), BOT)).toBe('human');
    expect(ownerOf(target, ours(byAda, byUs), BOT)).toBe('human');
    expect(ownerOf(target, issueWith({ changes: [byAda] }), BOT)).toBe('human');
  });

  test('is a person’s for ever when we found a value that somebody had put there from the start', () => {
    expect(ownerOf(target, ours(changed(field, BOT, a, b)), BOT)).toBe('human');
  });

  test('is a person’s when Jira cut the history off', () => {
    expect(ownerOf(target, { ...ours(changed(field, BOT, null, b)), isHistoryWhole: false }, BOT)).toBe('human');
    expect(ownerOf(target, issueWith({ isHistoryWhole: false }), BOT)).toBe('human');
  });

  test('is not claimed by a change to another field', () => {
    expect(ownerOf(target, issueWith({ changes: [changed('summary', 'ada', 'a', 'b')] }), BOT)).toBe('nobody');
  });

  test('was moved away by a person from what that person replaced, and by us from nothing', () => {
    const scene = { issue: issueWith({ changes: [changed(field, 'ada', a, b)] }), ourAccountId: BOT };
    expect(wasMovedAwayFrom('a', target, scene)).toBe(true);
    expect(wasMovedAwayFrom('b', target, scene)).toBe(false);
    const byUs = { issue: issueWith({ changes: [changed(field, BOT, a, b)] }), ourAccountId: BOT };
    expect(wasMovedAwayFrom('a', target, byUs)).toBe(false);
  });
});

describe('labels', () => {
  test('two of a family are a person’s, whoever touched it last', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'z' } };
    const changes = [changed('labels', BOT, 'cat-a', 'cat-a cat-z'), changed('labels', BOT, null, 'cat-a')];
    expect(ownerOf(label, issueWith({ labels: ['cat-a', 'cat-z'], changes, mark }), BOT)).toBe('human');
  });

  test('a change to other labels says nothing about a family, in whatever order Jira lists them', () => {
    const changes = [changed('labels', 'ada', 'cat-b cat-a', 'cat-a vip cat-b')];
    expect(ownerOf(label, issueWith({ changes }), BOT)).toBe('nobody');
  });

  test('that may stand side by side are ours as long as nobody added or took one', () => {
    const family = targetWith('topics', { kind: 'label', prefix: 'cat-', multiple: true });
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { topics: 'access vpn' } };
    const byUs = changed('labels', BOT, 'vip', 'cat-access cat-vpn vip');
    const labels = ['cat-vpn', 'cat-access', 'vip'];
    expect(ownerOf(family, issueWith({ labels, mark, changes: [byUs] }), BOT)).toBe('us');
    expect(ownerOf(family, issueWith({ labels: ['cat-vpn'], mark, changes: [byUs] }), BOT)).toBe('human');
    const byAda = changed('labels', 'ada', 'cat-access cat-mail cat-vpn', 'cat-access cat-vpn');
    expect(ownerOf(family, issueWith({ labels, mark, changes: [byAda, byUs] }), BOT)).toBe('human');
    expect(wasMovedAwayFrom('access mail', family, { issue: issueWith({ changes: [byAda] }), ourAccountId: BOT })).toBe(
      true,
    );
  });
});

describe('special cases', () => {
  test('a custom field of another kind than expected is a person’s', () => {
    expect(ownerOf(select, issueWith({ custom: { [TEAM_FIELD]: [{ value: 'one' }] } }), BOT)).toBe('human');
  });

  test('a default belongs to nobody until a person sets it, also when we put it back', () => {
    expect(ownerOf(priority, issueWith({ priority: 'Medium' }), BOT)).toBe('nobody');
    const byAda = [changed('priority', 'ada', 'High', 'Medium')];
    expect(ownerOf(priority, issueWith({ priority: 'Medium', changes: byAda }), BOT)).toBe('human');
    const byUs = [changed('priority', BOT, 'High', 'Medium'), changed('priority', BOT, 'Medium', 'High')];
    expect(ownerOf(priority, issueWith({ priority: 'Medium', changes: byUs }), BOT)).toBe('nobody');
  });

  test('what somebody cleared or reset with our account, our mark not knowing of it, is a person’s', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'a', priority: 'High' } };
    const labels = [changed('labels', BOT, 'cat-a', null), changed('labels', BOT, null, 'cat-a')];
    expect(ownerOf(label, issueWith({ changes: labels, mark }), BOT)).toBe('human');
    const priorities = [changed('priority', BOT, 'High', 'Medium'), changed('priority', BOT, 'Medium', 'High')];
    expect(ownerOf(priority, issueWith({ priority: 'Medium', changes: priorities, mark }), BOT)).toBe('human');
  });

  test('a field that we never wrote to is nobody’s, though our mark names its target from before', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'a' } };
    const renamed = targetWith('category', { kind: 'label', prefix: 'kat-' });
    const byUs = [changed('labels', BOT, null, 'cat-a')];
    expect(ownerOf(renamed, issueWith({ labels: ['cat-a'], changes: byUs, mark }), BOT)).toBe('nobody');
  });

  test('a quick look takes every value for a person’s that is neither a default nor marked as ours', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { priority: 'High' } };
    expect(isHumanSet(priority, issueWith({ priority: 'Medium' }))).toBe(false);
    expect(isHumanSet(priority, issueWith({ priority: 'High', mark }))).toBe(false);
    expect(isHumanSet(priority, issueWith({ priority: 'Low', mark }))).toBe(true);
  });
});
