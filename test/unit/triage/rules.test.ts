import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../../src/domain/errors.ts';
import type { Rule } from '../../../src/domain/playbook/playbook.ts';
import { applyRules } from '../../../src/triage/rules.ts';
import { issueWith } from '../../support/fixtures.ts';

const rule = (when: Rule['when'], values: Readonly<Record<string, string>> = { category: 'security' }): Rule => ({
  name: 'r',
  when,
  // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
  then: { ...values },
});

const valuesOf = (rules: readonly Rule[], parts: Parameters<typeof issueWith>[0] = {}) =>
  Object.fromEntries(applyRules(issueWith(parts), rules));

describe('a rule', () => {
  test.each([
    ['a word in the summary', { textMatches: 'phishing' }, { summary: 'PHISHING mail' }],
    ['a word in the text', { textMatches: 'phishing|spam' }, { text: 'got Spam' }],
    ['a pattern of another script', { textMatches: '^\\p{Script=Han}+' }, { summary: '钓鱼邮件' }],
    ['the issue type', { issueType: ['Incident', 'Problem'] }, { issueType: 'Problem' }],
    ['the reporter', { reporter: ['ceo'] }, { reporter: { accountId: 'ceo', displayName: 'C' } }],
    ['one of the labels', { labels: ['vip', 'board'] }, { labels: ['x', 'board'] }],
    ['the request type', { requestType: ['Access', 'Get help'] }, { requestType: 'Get help' }],
    ['one of the organisations', { organization: ['ACME', '北京'] }, { organizations: ['Umbrella', '北京'] }],
  ])('matches by %s', (_what, when, parts) => {
    expect(valuesOf([rule(when)], parts)).toEqual({ category: 'security' });
  });

  test.each([
    ['another word', { textMatches: 'phishing' }, { summary: 'printer' }],
    ['another type', { issueType: ['Problem'] }, {}],
    ['another reporter', { reporter: ['ceo'] }, {}],
    ['no reporter', { reporter: ['ceo'] }, { reporter: null }],
    ['a label that only begins alike', { labels: ['vip'] }, { labels: ['vip-2'] }],
    ['another request type', { requestType: ['Access'] }, { requestType: 'Get help' }],
    ['no request type', { requestType: ['Access', ''] }, { requestType: null }],
    ['another organisation', { organization: ['ACME'] }, { organizations: ['ACME Ltd'] }],
    ['no organisation', { organization: ['ACME'] }, {}],
  ])('does not match on %s', (_what, when, parts) => {
    expect(valuesOf([rule(when)], parts)).toEqual({});
  });

  test('needs all of its conditions', () => {
    const when = { textMatches: 'phishing', labels: ['vip'] };
    expect(valuesOf([rule(when)], { summary: 'phishing' })).toEqual({});
    expect(valuesOf([rule(when)], { summary: 'phishing', labels: ['vip'] })).toEqual({ category: 'security' });
  });

  test('of several, the first that names a target decides it, and others may add theirs', () => {
    const rules = [
      rule({ labels: ['vip'] }, { priority: 'High' }),
      rule({ issueType: ['Incident'] }, { priority: 'Low', category: 'access' }),
    ];
    expect(valuesOf(rules, { labels: ['vip'] })).toEqual({ priority: 'High', category: 'access' });
    expect(valuesOf(rules)).toEqual({ priority: 'Low', category: 'access' });
  });
});

describe('a pattern that backtracks without end on a hostile text', () => {
  const hostile = { text: `${'a'.repeat(50)}!` };
  const slow = { ...rule({ textMatches: '(a+)+$' }), name: 'greedy' };

  test('is ended, and nothing is decided, for nobody knows what it would have said', () => {
    const startedAt = performance.now();
    const decide = () => valuesOf([rule({ textMatches: 'a' }), slow], hostile);
    expect(decide).toThrow(PermanentError);
    expect(decide).toThrow(/^the rule greedy takes longer than 250 ms/);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  test('is not even tried where its rule does not fit otherwise', () => {
    const fussy = { ...slow, when: { ...slow.when, issueType: ['Change'] } };
    expect(valuesOf([fussy, rule({ textMatches: 'a' })], hostile)).toEqual({ category: 'security' });
  });

  test('does no harm on other texts', () => {
    expect(valuesOf([slow], { text: 'aaa' })).toEqual({ category: 'security' });
  });
});
