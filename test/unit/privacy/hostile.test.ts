import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import { type RedactionOptions, redactor } from '../../../src/privacy/redact.ts';
import { veiledText } from '../../../src/privacy/veil.ts';

const people = ['Jana Müller', 'Krause, Thomas', '王伟', 'Will Barker', "Tom O'Brien", 'María José Gutiérrez'];
const options = { level: 'strict', people, patterns: [] } satisfies RedactionOptions;
const LENGTH = 40_000;

/** What drives patterns that try again and again to quadratic time. */
const HOSTILE = [
  ...['a', 'A', ' ', '\n', '0', '4', '-', ':', '=', '@', '"', '\\', '_', '王', '路', 'ü', '\t', '.', "'"],
  ...[
    'a@',
    'a.',
    'a:',
    '1.',
    '4 ',
    'a-',
    'aB1',
    'A\\a',
    'Abc',
    '+4',
    '4111 ',
    'DE44',
    'DE44 5001 ',
    '0171 ',
    'ab:',
    '00:',
  ],
  ...[
    'password ',
    'password:',
    'password:"',
    'password is ',
    'password a a a ',
    'token\n',
    '密码',
    '-----BEGIN PRIVATE KEY-----',
    'eyJ',
    'sk-',
    'ghp_',
  ],
  ...[
    'http://',
    'http://a:',
    '<password>',
    '?sig=',
    'basic ',
    'authorization: ',
    'thin:',
    'srv-',
    'srv-a',
    'C:\\Users\\',
    '/home/',
    '\\\\a',
  ],
  ...[
    'Hi ',
    'Hi Jan ',
    'Frau ',
    'Will ',
    'Will Jana Müller ',
    'jana_',
    'j.',
    '王伟 ',
    'best\n',
    'Gruß ',
    'lives ',
    'Aa ',
    '1 Aa ',
    'geb. ',
    'user: ',
  ],
  ...['[EMAIL_1] ', '[EMAIL_', 'jana [at] ', 'Name: A\n', 'adresse Am Aa '],
];

describe('time grows no faster than the text', () => {
  test.each(HOSTILE)('with nothing but %j', (piece) => {
    const text = piece.repeat(Math.ceil(LENGTH / piece.length));
    const startedAt = performance.now();
    redactor(options).redact(text);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test.each(['a', ' '])('also with 200,000 times %j', (letter) => {
    const startedAt = performance.now();
    redactor(options).redact(letter.repeat(200_000));
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });

  test('with many secrets to know again', () => {
    const text = Array.from({ length: 3_000 }, (_, index) => `pw: x${index}y! x${index}y!`).join(' ');
    const startedAt = performance.now();
    redactor(options).redact(text);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('with 20,000 characters, the most that is looked at, it stays far below a blink', () => {
    const text = 'Passwort: x7!y Tel 0171 5550188 a@b.de Jana Müller 10.0.0.1 '.repeat(334);
    const times = Array.from({ length: 5 }, () => {
      const startedAt = performance.now();
      redactor(options).redact(text);
      return performance.now() - startedAt;
    });
    expect(Math.min(...times)).toBeLessThan(100);
  });

  test('a pattern of the site that backtracks without end is ended, and nothing leaves', () => {
    const { redact } = redactor({ ...options, patterns: [{ name: 'staff', pattern: '(a+)+$' }] });
    expect(() => redact(`${'a'.repeat(50)}!`)).toThrow(TransientError);
    expect(() => redact(`${'a'.repeat(50)}!`)).toThrow(/^the privacy pattern staff takes longer than/);
  });

  test('then none of its words are embedded', () => {
    const patterns = [{ name: 'staff', pattern: '(a+)+$' }];
    const textOf = veiledText({ redaction: 'standard', patterns, sendRestricted: false });
    expect(textOf({ summary: 'secret', text: `${'a'.repeat(50)}!`, people: [] })).toBe('[WITHHELD]');
    expect(textOf({ summary: 'badge', text: 'a', people: [] })).toBe('badge\n[STAFF_1]');
  });
});
