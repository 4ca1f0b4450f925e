import { describe, expect, test } from 'vitest';
import {
  editOf,
  fieldOf,
  joinParts,
  modeFor,
  moreCareful,
  partsOf,
  readValue,
  type Target,
  TargetSchema,
} from '../../../src/domain/playbook/target.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { issueWith, TEAM_FIELD, targetWith } from '../../support/fixtures.ts';

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
      constructor: { targetPrecision: 0.99, exclude: false, protect: false, atMost: 'auto' },
      '🖨️': { exclude: true, protect: false, atMost: 'auto' },
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

describe('how far we go', () => {
  test('is what the target says, unless the class asks for more care', () => {
    const classes = { Mail: { atMost: 'suggest' }, Login: { atMost: 'auto' } } as const;
    const declared = (mode: 'auto' | 'shadow') => targetWith('component', { kind: 'component', mode, classes });
    expect(['Mail', 'Login', 'Printer', 'constructor'].map((value) => modeFor(declared('auto'), value))).toEqual([
      'suggest',
      'auto',
      'auto',
      'auto',
    ]);
    expect(modeFor(declared('shadow'), 'Mail')).toBe('shadow');
  });

  test('is as far as the most careful of several values', () => {
    const classes = { vpn: { atMost: 'shadow' }, mail: { atMost: 'suggest' } } as const;
    const family = targetWith('topics', { kind: 'label', prefix: 'cat-', multiple: true, mode: 'auto', classes });
    expect(modeFor(family, 'access mail')).toBe('suggest');
    expect(modeFor(family, 'mail vpn')).toBe('shadow');
  });

  test('is never further than the more careful of two', () => {
    const modes = ['off', 'shadow', 'suggest', 'auto'] as const;
    for (const [one, careful] of modes.entries())
      for (const bold of modes.slice(one)) {
        expect(moreCareful(careful, bold)).toBe(careful);
        expect(moreCareful(bold, careful)).toBe(careful);
      }
  });
});
