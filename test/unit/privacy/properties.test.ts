import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RedactionOptions, redactor } from '../../../src/privacy/redact.ts';
import { bannedFrom, cardNumber, iban } from './support.ts';

const PEOPLE = ['Jana Müller', 'Krause, Thomas (IT-S)', '王伟', 'Will Barker', "Tom O'Brien"];
const PATTERNS = [{ name: 'staff', pattern: 'P-\\d{5}' }];
const level = fc.constantFrom('standard', 'strict');
const options = level.map((chosen): RedactionOptions => ({ level: chosen, people: PEOPLE, patterns: PATTERNS }));

/** Words and marks out of which patterns are made, in any order. */
const SNIPPETS = [
  ...[
    'password:',
    'Passwort ist',
    '密码：',
    'token=',
    'Bearer ',
    'https://',
    'a:b@',
    '@',
    'x.de',
    'jana@x.de',
    '[EMAIL_1]',
    '[SECRET_2]',
    '[STAFF_1]',
  ],
  ...[
    'Hallo Frau',
    'Hi',
    'Jana',
    'MÜLLER',
    'Will',
    'will',
    '王伟',
    '王',
    '经理',
    '您好',
    '此致\n',
    'Gruß\n',
    'Mr.',
    'Dr.',
    ',',
    '.',
    '\n',
    ' ',
    '-',
    ':',
  ],
  ...[
    '+49 171 5550123',
    '0171',
    '10.0.0.1',
    'fe80::1',
    '4111 1111 1111 1111',
    'DE44 5001 0517 5407 3249 31',
    'P-12345',
    '00:1A:2B:3C:4D:5E',
  ],
  ...[
    'C:\\Users\\',
    '\\\\',
    'CORP\\',
    'srv-',
    'ber-01',
    'straße 12',
    'geb. 1.1.1990',
    '123456',
    '"',
    "'",
    '=',
    '[',
    ']',
    '_1]',
    '-----BEGIN PRIVATE KEY-----',
  ],
];
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .array(fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 8 })), { maxLength: 30 })
    .map((all) => all.join('')),
  fc.array(fc.constantFrom(...SNIPPETS), { maxLength: 30 }).map((all) => all.join(' ')),
);
/** What an identifier may stand beside. */
const beside = fc.oneof(
  fc.constantFrom('', ' ', ': ', '\n', '(', '"', '，', '。', '号', 'ist '),
  text.map((before) => `${before} `),
);
const many = { numRuns: 400 };

describe('redaction of any text', () => {
  test('is finished after one time, whoever does it again', () => {
    fc.assert(
      fc.property(options, text, (chosen, raw) => {
        const one = redactor(chosen);
        const redacted = one.redact(raw);
        expect(one.redact(redacted)).toBe(redacted);
        expect(redactor(chosen).redact(redacted)).toBe(redacted);
      }),
      { numRuns: 800 },
    );
  });

  test('gives the same for the same', () => {
    fc.assert(
      fc.property(options, fc.array(text, { maxLength: 4 }), (chosen, texts) => {
        const [one, other] = [redactor(chosen), redactor(chosen)];
        expect(texts.map((raw) => one.redact(raw))).toEqual(texts.map((raw) => other.redact(raw)));
      }),
      many,
    );
  });

  test('never throws and never makes a text much longer, whatever others claim to have found', () => {
    const found = fc.array(fc.record({ start: fc.integer(), end: fc.integer(), kind: fc.string({ maxLength: 10 }) }), {
      maxLength: 5,
    });
    const near = fc.array(
      fc.record({ start: fc.nat(60), end: fc.nat(60), kind: fc.constantFrom('PERSON', 'staff id') }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(options, text, fc.oneof(found, near), (chosen, raw, spans) => {
        expect(redactor(chosen).redact(raw, spans).length).toBeLessThanOrEqual(raw.length * 8 + 100);
      }),
      many,
    );
  });

  test('leaves it alone at level off', () => {
    const off = redactor({ level: 'off', people: PEOPLE, patterns: PATTERNS });
    fc.assert(fc.property(text, (raw) => off.redact(raw) === raw));
  });

  test('keeps what is far from anything private', () => {
    const word = fc.constantFrom(
      'Outlook',
      'SAP',
      'VA01',
      'KB5034441',
      '0x80070005',
      'OPS-1234',
      'Drucker',
      '打印机',
      'v2.14.0',
      '09:30',
      'does not open',
    );
    fc.assert(
      fc.property(level, fc.array(word, { maxLength: 40 }), (chosen, words) => {
        const raw = words.join(' ');
        expect(redactor({ level: chosen, people: PEOPLE, patterns: [] }).redact(raw)).toBe(raw);
      }),
      many,
    );
  });
});

describe('wherever it stands', () => {
  const local = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(?:[._-][a-z0-9]{1,8}){0,2}$/);
  const domain = fc.stringMatching(/^[a-z][a-z0-9]{1,10}(?:-[a-z0-9]{1,6})?$/);
  const email = fc
    .tuple(local, domain, fc.constantFrom('com', 'de', 'co.uk', 'com.cn', 'example'))
    .map(([name, host, tld]) => `${name}@${host}.${tld}`);

  test('an e-mail address goes', () => {
    fc.assert(
      fc.property(options, beside, email, beside, (chosen, before, address, after) => {
        expect(redactor(chosen).redact(`${before}${address}${after.replace(/^[\w.-]/, ' ')}`)).not.toContain(address);
      }),
      many,
    );
  });

  test('an IBAN goes, in groups or in one go', () => {
    fc.assert(
      fc.property(options, beside, iban, beside, (chosen, before, account, after) => {
        const redacted = redactor(chosen).redact(`${before}${account}${after.replace(/^[\w-]/, ' ')}`);
        bannedFrom(redacted, account);
      }),
      many,
    );
  });

  test('a card number goes, in groups or in one go', () => {
    fc.assert(
      fc.property(options, beside, cardNumber, beside, (chosen, before, card, after) => {
        const redacted = redactor(chosen).redact(`${before}${card}${after.replace(/^[\w-]/, ' ')}`);
        bannedFrom(redacted, card);
      }),
      many,
    );
  });

  test('a password behind its label goes', () => {
    const secret = fc
      .stringMatching(/^[A-Za-z0-9!#$%&*+?^~_-]{6,20}$/)
      .filter((value) => /[A-Za-z]/.test(value) && /\d/.test(value.slice(0, -1)));
    const label = fc.constantFrom(
      'password: ',
      'Passwort: ',
      'Kennwort:',
      '密码：',
      '口令: ',
      'mot de passe : ',
      'contraseña: ',
      'DB_PASSWORD=',
      '"pwd": "',
    );
    fc.assert(
      fc.property(options, label, secret, (chosen, before, value) => {
        expect(redactor(chosen).redact(`Login fails\n${before}${value}\nplease help`)).not.toContain(value);
      }),
      many,
    );
  });
});
