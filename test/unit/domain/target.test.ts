import { describe, expect, test } from 'vitest';
import type { FieldChange, Issue, Provenance } from '../../../src/domain/issue.ts';
import {
  editOf,
  fieldOf,
  joinParts,
  ownerOf,
  partsOf,
  readValue,
  type Target,
  TargetSchema,
} from '../../../src/domain/target.ts';
import { BOT, issueWith, TEAM_FIELD, targetWith } from '../../support/fixtures.ts';

const label = targetWith('category', { kind: 'label', prefix: 'cat-' });
const priority = targetWith('priority', { kind: 'priority', defaults: ['Medium', 'None'] });
const component = targetWith('component', { kind: 'component' });
const assignee = targetWith('assignee', { kind: 'assignee' });
const select = targetWith('team', { kind: 'select', field: TEAM_FIELD });
const text = targetWith('route', { kind: 'text', field: 'customfield_10051' });

describe.each([
  [label, 'labels', { labels: ['vip', 'cat-access'] }, 'access'],
  [priority, 'priority', { priority: 'High' }, 'High'],
  [component, 'components', { components: ['Login', 'Mail'] }, 'Login'],
  [assignee, 'assignee', { assignee: 'ada' }, 'ada'],
  [select, TEAM_FIELD, { custom: { [TEAM_FIELD]: { value: 'Desk', id: '1' } } }, 'Desk'],
  [text, 'customfield_10051', { custom: { customfield_10051: 'net' } }, 'net'],
] as const)('a target of kind $kind', (target: Target, field: string, parts: Partial<Issue>, value: string) => {
  test('lives in its field', () => {
    expect(fieldOf(target)).toBe(field);
  });

  test('reads its value', () => {
    expect(readValue(target, issueWith(parts))).toBe(value);
  });

  test('reads nothing where there is nothing', () => {
    expect(readValue(target, issueWith())).toBeNull();
  });

  test('belongs to a person who set it when creating the issue', () => {
    expect(ownerOf(target, issueWith(parts), BOT)).toBe('human');
  });

  test('belongs to nobody while it is empty and untouched', () => {
    expect(ownerOf(target, issueWith(), BOT)).toBe('nobody');
  });

  test('belongs to whom the newest change says', () => {
    const change = (by: string): FieldChange => ({ fieldId: field, from: null, to: 'cat-access', by, at: 't' });
    const alone = { ...parts, components: parts.components?.slice(0, 1) ?? [] };
    const mark = markOf(target, issueWith(alone));
    expect(ownerOf(target, issueWith({ ...alone, mark, changes: [change(BOT)] }), BOT)).toBe('us');
    expect(ownerOf(target, issueWith({ ...alone, mark, changes: [change(BOT), change('ada')] }), BOT)).toBe('us');
    expect(ownerOf(target, issueWith({ ...parts, changes: [change(BOT)] }), BOT)).toBe('human');
    expect(ownerOf(target, issueWith({ ...parts, changes: [change('ada'), change(BOT)] }), BOT)).toBe('human');
    expect(ownerOf(target, issueWith({ changes: [change('ada')] }), BOT)).toBe('human');
  });

  test('belongs to a person when Jira tells only the newest changes, and none of them is to it', () => {
    expect(ownerOf(target, issueWith({ isHistoryWhole: false }), BOT)).toBe('human');
  });

  test('is not claimed by a change to another field', () => {
    const changes = [{ fieldId: 'summary', from: 'a', to: 'b', by: 'ada', at: 't' }];
    expect(ownerOf(target, issueWith({ changes }), BOT)).toBe('nobody');
  });
});

test('a family with two labels is a person’s, whoever touched it last', () => {
  const changes = [{ fieldId: 'labels', from: 'cat-a', to: 'cat-a cat-z', by: BOT, at: 't' }];
  const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'z' } };
  expect(ownerOf(label, issueWith({ labels: ['cat-a', 'cat-z'], changes, mark }), BOT)).toBe('human');
});

test('a custom field of another kind than expected is a person’s', () => {
  expect(ownerOf(select, issueWith({ custom: { [TEAM_FIELD]: [{ value: 'one' }] } }), BOT)).toBe('human');
});

describe('edits', () => {
  const nothing = { fields: {}, update: {} };

  test.each([
    ['a label is added', label, null, 'access', { ...nothing, update: { labels: [{ add: 'cat-access' }] } }],
    [
      'a label is swapped',
      label,
      'email',
      'access',
      { ...nothing, update: { labels: [{ add: 'cat-access' }, { remove: 'cat-email' }] } },
    ],
    ['a label is removed', label, 'email', null, { ...nothing, update: { labels: [{ remove: 'cat-email' }] } }],
    [
      'a component is swapped',
      component,
      'Mail',
      'Login',
      { ...nothing, update: { components: [{ add: { name: 'Login' } }, { remove: { name: 'Mail' } }] } },
    ],
    ['a priority is set', priority, 'Medium', 'High', { ...nothing, fields: { priority: { name: 'High' } } }],
    ['a priority is cleared', priority, 'High', null, { ...nothing, fields: { priority: null } }],
    ['a person is assigned', assignee, null, 'ada', { ...nothing, fields: { assignee: { accountId: 'ada' } } }],
    ['a person is unassigned', assignee, 'ada', null, { ...nothing, fields: { assignee: null } }],
    ['an option is chosen', select, null, 'Desk', { ...nothing, fields: { [TEAM_FIELD]: { value: 'Desk' } } }],
    ['an option is cleared', select, 'Desk', null, { ...nothing, fields: { [TEAM_FIELD]: null } }],
    ['a text is set', text, null, 'net', { ...nothing, fields: { customfield_10051: 'net' } }],
    ['a text is cleared', text, 'net', null, { ...nothing, fields: { customfield_10051: null } }],
  ] as const)('%s', (_what, target, before, after, expected) => {
    expect(editOf(target, before, after)).toEqual(expected);
  });
});

describe('a family of labels that may stand side by side', () => {
  const family = targetWith('topics', { kind: 'label', prefix: 'cat-', multiple: true });
  const change = (by: string): FieldChange => ({ fieldId: 'labels', from: 'vip', to: 'cat-vpn vip', by, at: 't' });

  test('has all its labels as its value, whatever their order', () => {
    expect(readValue(family, issueWith({ labels: ['cat-vpn', 'vip', 'cat-access'] }))).toBe('access vpn');
    expect(readValue(family, issueWith({ labels: ['cat-access', 'cat-vpn'] }))).toBe('access vpn');
    expect(readValue(family, issueWith({ labels: ['vip'] }))).toBeNull();
  });

  test('is taken apart and put together again', () => {
    expect(partsOf(family, 'access vpn')).toEqual(['access', 'vpn']);
    expect(partsOf(family, null)).toEqual([]);
    expect(joinParts(['vpn', 'access'])).toBe('access vpn');
    expect(partsOf(label, 'access vpn')).toEqual(['access vpn']);
  });

  test('belongs to us only as long as nobody added or took a label', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { topics: 'access vpn' } };
    const changes = [change(BOT)];
    expect(ownerOf(family, issueWith({ labels: ['cat-vpn', 'cat-access'], mark, changes }), BOT)).toBe('us');
    expect(ownerOf(family, issueWith({ labels: ['cat-vpn'], mark, changes }), BOT)).toBe('human');
    expect(ownerOf(family, issueWith({ labels: ['cat-vpn', 'cat-access'], mark, changes: [change('ada')] }), BOT)).toBe(
      'human',
    );
  });

  test.each([
    ['is added to an empty one', null, 'access vpn', [{ add: 'cat-access' }, { add: 'cat-vpn' }]],
    ['gains and loses a label', 'access vpn', 'mail vpn', [{ add: 'cat-mail' }, { remove: 'cat-access' }]],
    ['is emptied', 'access vpn', null, [{ remove: 'cat-access' }, { remove: 'cat-vpn' }]],
    ['stays as it is', 'access vpn', 'access vpn', []],
  ])('%s by the smallest edit', (_what, before, after, labels) => {
    expect(editOf(family, before, after)).toEqual({ fields: {}, update: { labels } });
  });
});

describe('special cases', () => {
  test('a default belongs to nobody until a person sets it', () => {
    expect(ownerOf(priority, issueWith({ priority: 'Medium' }), BOT)).toBe('nobody');
    expect(ownerOf(priority, issueWith({ priority: 'None' }), BOT)).toBe('nobody');
    const changes = [{ fieldId: 'priority', from: 'High', to: 'Medium', by: 'ada', at: 't' }];
    expect(ownerOf(priority, issueWith({ priority: 'Medium', changes }), BOT)).toBe('human');
  });

  test('a change to other labels says nothing about a label family', () => {
    const changes = [{ fieldId: 'labels', from: 'cat-access', to: 'cat-access vip', by: 'ada', at: 't' }];
    expect(ownerOf(label, issueWith({ changes }), BOT)).toBe('nobody');
  });

  test('a label that only begins alike is of no family', () => {
    expect(readValue(label, issueWith({ labels: ['category', 'CAT-access', 'my-cat-access'] }))).toBeNull();
  });

  test('an empty text is no value', () => {
    expect(readValue(text, issueWith({ custom: { customfield_10051: '' } }))).toBeNull();
  });

  test.each([[null], [17], [[]], [{}], [{ value: 3 }], [true]])('a custom field that holds %j has no value', (raw) => {
    expect(readValue(select, issueWith({ custom: { [TEAM_FIELD]: raw } }))).toBeNull();
  });

  test('a class may be called like anything at all', () => {
    for (const name of ['__proto__', 'constructor', '🖨️', '打印机'])
      expect(readValue(label, issueWith({ labels: [`cat-${name}`] }))).toBe(name);
  });
});

describe('declaring a target', () => {
  test('is shadow, decided by evidence and right nine times in ten unless it says otherwise', () => {
    expect(TargetSchema.parse({ kind: 'component' })).toEqual({
      kind: 'component',
      mode: 'shadow',
      targetPrecision: 0.9,
      classes: {},
      decidedBy: 'evidence',
      defaults: [],
    });
  });

  test('a label family holds one label unless it says otherwise', () => {
    expect(TargetSchema.parse({ kind: 'label', prefix: 'cat-' })).toMatchObject({ multiple: false });
  });

  test('a class may promise more than the others, or never be decided', () => {
    const classes = { constructor: { targetPrecision: 0.99 }, '🖨️': { exclude: true } };
    expect(TargetSchema.parse({ kind: 'component', classes }).classes).toEqual({
      constructor: { targetPrecision: 0.99, exclude: false, protect: false },
      '🖨️': { exclude: true, protect: false },
    });
  });

  test.each([
    ['an unknown kind', { kind: 'colour' }],
    ['a prefix of one character', { kind: 'label', prefix: 'c' }],
    ['a prefix with a space', { kind: 'label', prefix: 'cat ' }],
    ['a field name instead of its id', { kind: 'select', field: 'Team' }],
    ['a precision in percent', { kind: 'component', targetPrecision: 90 }],
    ['a precision that nothing reaches', { kind: 'component', targetPrecision: 1 }],
    ['a negative precision', { kind: 'component', targetPrecision: -0.1 }],
    ['a class that promises too much', { kind: 'component', classes: { Mail: { targetPrecision: 1 } } }],
    ['several values where only labels can be several', { kind: 'component', multiple: true }],
    ['a word nobody knows', { kind: 'component', cutOff: 0.6 }],
    ['an unknown mode', { kind: 'component', mode: 'on' }],
  ])('refuses %s', (_what, declared) => {
    expect(TargetSchema.safeParse(declared).success).toBe(false);
  });
});

/** The mark our edit would have left. */
function markOf(target: Target, issue: Issue): Provenance {
  return { decisionId: 'd', revision: 'r', at: 't', values: { [target.name]: readValue(target, issue) ?? '' } };
}
