import { describe, expect, test } from 'vitest';
import { inTime, isPlain } from '../../../src/patterns/in-time.ts';

describe('patterns of the playbook on a text', () => {
  test.each([
    'vpn|anyconnect',
    '\\bvpn\\b',
    'phish(ing)?-meldung',
    '[*+{]',
    'a\\+b\\*',
    '\\b(vpn|proxy)\\b|tunnel|dsl',
    '(?:a|b)(?<name>c)',
    '打印机',
  ])('without repetition go without a stop watch: %s', (pattern) => expect(isPlain(pattern)).toBe(true));

  test.each([
    'a+',
    '(a|b)*',
    'a{2,}',
    '\\d+',
    '[ab]+',
    '\\\\+',
    '(a?){9}',
    'a?b?c?d?e?f?',
    '(a|aa)'.repeat(6),
    '\\p{L}',
  ])('with repetition are watched: %s', (pattern) => expect(isPlain(pattern)).toBe(false));

  test('one that is plain does not save one that is not', () => {
    const text = `${'a'.repeat(50)}!`;
    expect(inTime(['b', '(a+)+$'], () => /(a+)+$/.test(text))).toBeNull();
  });

  test('what goes wrong in between is not taken for lateness', () => {
    const fail = () => {
      throw new TypeError('no text');
    };
    expect(() => inTime(['b'], fail)).toThrow(TypeError);
    expect(() => inTime(['b+'], fail)).toThrow(TypeError);
  });
});
