import { describe, expect, test } from 'vitest';
import { contextOf, FeatureName, onlyFeatures } from '../../../src/domain/ticket/context.ts';
import { issueWith } from '../../support/fixtures.ts';

const ORGANISATION = 'customfield_10002';
const ofCustom = (raw: unknown) =>
  contextOf(issueWith({ custom: { [ORGANISATION]: raw } }), [ORGANISATION])[ORGANISATION];

describe('the context of an issue', () => {
  test('is what it has beyond text, with hour and weekday in UTC', () => {
    const issue = issueWith({ components: ['Mail', 'Login'], created: '2026-05-03T23:59:59.000Z' });
    expect(contextOf(issue, [])).toEqual({
      reporter: 'customer-cy',
      issueType: 'Incident',
      project: 'IT',
      component: 'Login|Mail',
      hour: '23',
      weekday: '0',
    });
  });

  test('has no feature without a value, but midnight and Sunday', () => {
    const issue = issueWith({ reporter: null, components: [], issueType: '', created: '2026-05-03T00:00:00.000Z' });
    expect(contextOf(issue, [ORGANISATION])).toEqual({ project: 'IT', hour: '0', weekday: '0' });
  });

  test('has what Jira Service Management knows: request type and organisations', () => {
    const issue = issueWith({ requestType: 'Get help', organizations: ['Umbrella', 'ACME'] });
    expect(contextOf(issue, [])).toMatchObject({ requestType: 'Get help', organization: 'ACME|Umbrella' });
    expect(contextOf(issueWith({ requestType: '', organizations: [''] }), [])).not.toHaveProperty('organization');
    const long = issueWith({
      requestType: 'x'.repeat(100_000),
      organizations: Array.from({ length: 1_000 }, (_, at) => String(at)),
    });
    expect(contextOf(long, [])).toMatchObject({ requestType: 'x'.repeat(200), organization: '0|1|10|100|101' });
  });

  test('does not depend on the order of components', () => {
    const [one, other] = [
      ['b', 'a', 'c'],
      ['c', 'b', 'a'],
    ].map((components) => contextOf(issueWith({ components }), []));
    expect(one).toEqual(other);
  });

  test('has of the custom fields only those asked for', () => {
    const issue = issueWith({ custom: { [ORGANISATION]: 'ACME', customfield_10003: 'secret' } });
    expect(Object.keys(contextOf(issue, [ORGANISATION]))).toContain(ORGANISATION);
    expect(Object.values(contextOf(issue, [ORGANISATION]))).not.toContain('secret');
  });

  test.each([
    ['a text', 'ACME', 'ACME'],
    ['a number', 7, '7'],
    ['nought', 0, '0'],
    ['a tick', false, 'false'],
    ['an option', { id: '1', value: 'Berlin' }, 'Berlin'],
    ['an organisation', { id: '1', name: 'ACME', _links: {} }, 'ACME'],
    ['an asset, which has but an id', { id: 'w:42', workspaceId: 'w' }, 'w:42'],
    [
      'several organisations',
      [
        { id: '1', name: 'ACME' },
        { id: '2', name: 'Umbrella' },
      ],
      'ACME|Umbrella',
    ],
    ['several texts', ['a', 'b'], 'a|b'],
    ['more than five', ['a', 'b', 'c', 'd', 'e', 'f'], 'a|b|c|d|e'],
    ['nothing', null, undefined],
    ['nothing at all', undefined, undefined],
    ['an empty text', '', undefined],
    ['an empty list', [], undefined],
    ['a list of nothing', [null, {}], undefined],
    ['an object without a name', { self: 'https://acme' }, undefined],
  ])('reads a custom field that holds %s', (_what, raw, expected) => {
    expect(ofCustom(raw)).toBe(expected);
  });

  test('of a long text keeps the beginning, whole characters only', () => {
    expect(ofCustom(`${'x'.repeat(199)}🖨️ and more`)).toBe('x'.repeat(199));
    expect(ofCustom('y'.repeat(2_000_000))).toHaveLength(200);
  });

  test('holds nothing that a database would refuse', () => {
    expect(ofCustom('AC\u0000ME \ud83d')).toBe('ACME ');
  });
});

describe('features', () => {
  test('are chosen by name, and by no name that every object has', () => {
    const context = contextOf(issueWith(), []);
    expect(onlyFeatures(context, ['reporter', 'hour', 'constructor'])).toEqual({ reporter: 'customer-cy', hour: '8' });
    expect(onlyFeatures(context, [])).toEqual({});
  });

  test.each([
    'reporter',
    'issueType',
    'project',
    'component',
    'requestType',
    'organization',
    'hour',
    'weekday',
    'customfield_10002',
  ])('%s is one', (name) => {
    expect(FeatureName.parse(name)).toBe(name);
  });

  test.each(['', 'mood', 'Reporter', 'customfield_', 'customfield_1x', '__proto__'])('%j is none', (name) => {
    expect(FeatureName.safeParse(name).error?.issues[0]?.message).toMatch(
      /^must be one of reporter, .* or a custom field/,
    );
  });
});
