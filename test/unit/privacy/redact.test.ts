import { describe, expect, test } from 'vitest';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { type RedactionOptions, redactor } from '../../../src/privacy/redact.ts';

const standard: RedactionOptions = { level: 'standard', people: [], patterns: [] };

describe('placeholders', () => {
  test('are the same for the same thing in every text of a ticket, and count on for others', () => {
    const { redact } = redactor({ ...standard, people: ['Jana Müller', 'Tom Reed'] });
    expect(redact('Jana Müller <Jana@x.de> asks tom@x.de')).toBe('[PERSON_1] <[EMAIL_1]> asks [EMAIL_2]');
    expect(redact('jana@x.de and Reed wrote to new@x.de')).toBe('[EMAIL_1] and [PERSON_2] wrote to [EMAIL_3]');
    expect(redact('Again: MUELLER, jmueller, Tom')).toBe('Again: [PERSON_1], [PERSON_1], [PERSON_2]');
  });

  test('begin anew with another ticket', () => {
    expect(redactor(standard).redact('b@x.de')).toBe('[EMAIL_1]');
    expect(redactor(standard).redact('a@x.de')).toBe('[EMAIL_1]');
  });

  test('see one thing in numbers that are only written differently', () => {
    const text =
      'Tel. 0171 5550188 or 0171-5550188; DE44 5001 0517 5407 3249 31, de44500105175407324931; 00:1A:2b:3C:4D:5E, 001A.2B3C.4D5E';
    expect(redactor(standard).redact(text)).toBe('Tel. [PHONE_1] or [PHONE_1]; [IBAN_1], [IBAN_1]; [MAC_1], [MAC_1]');
  });

  test('that somebody typed stay, and their numbers are given to nothing else', () => {
    const { redact } = redactor(standard);
    expect(redact('[EMAIL_1] and [EMAIL_3], but a@x.de, b@x.de')).toBe(
      '[EMAIL_1] and [EMAIL_3], but [EMAIL_2], [EMAIL_4]',
    );
    expect(redact('a@x.de [OTHER_1] [EMAIL_99999]')).toBe('[EMAIL_2] [OTHER_1] [EMAIL_99999]');
  });

  test('are never read as words', () => {
    const { redact } = redactor({ ...standard, people: ['Secret Person'] });
    expect(redact('[SECRET_1]: 5432 and [PERSON_7]: yes')).toBe('[SECRET_1]: 5432 and [PERSON_7]: yes');
  });

  test('of one thing many times over stand once', () => {
    expect(redactor({ ...standard, people: ['王伟'] }).redact('王伟王伟王伟')).toBe('[PERSON_1]');
  });
});

describe('what a site calls private', () => {
  const patterns = [
    { name: 'staff', pattern: '\\bP-?\\d{5}\\b' },
    { name: 'case-file', pattern: 'AZ \\d+/\\d+' },
    { name: 'nothing', pattern: '(?=a)' },
  ];

  test('goes by its own name, whatever its case', () => {
    expect(redactor({ ...standard, patterns }).redact('p-12345, P12345, P-12345 in az 12/2026')).toBe(
      '[STAFF_1], [STAFF_2], [STAFF_3] in [CASE_FILE_1]',
    );
  });

  test('is refused when it is no pattern', () => {
    expect(() => redactor({ ...standard, patterns: [{ name: 'staff', pattern: '(' }] })).toThrow(MisconfiguredError);
  });
});

describe('a secret', () => {
  test('that one text gives away goes from the texts after it', () => {
    const { redact } = redactor(standard);
    expect(redact('Passwort: Winter77')).toBe('Passwort: [SECRET_1]');
    expect(redact('tried Winter77 and Winter771')).toBe('tried [SECRET_1] and Winter771');
  });

  test('that is a plain word takes the word nowhere else', () => {
    expect(redactor(standard).redact('Password: Citrix. Citrix hangs')).toBe('Password: [SECRET_1]. Citrix hangs');
  });
});

describe('what a finder saw', () => {
  test('goes too, and one that overlaps a pattern is one placeholder', () => {
    const text = 'call Chidi Umeh at chidi@x.de now';
    const found = [
      { start: 5, end: 15, kind: 'PERSON' },
      { start: 16, end: 24, kind: 'PERSON' },
    ];
    expect(redactor(standard).redact(text, found)).toBe('call [PERSON_1] [EMAIL_1] now');
  });

  test('is cut to the text and never touches a placeholder', () => {
    const { redact } = redactor(standard);
    expect(redact('[EMAIL_1] abc', [{ start: -5, end: 99, kind: 'staff id' }])).toBe('[EMAIL_1][STAFF_ID_1]');
    expect(
      redact('abc', [
        { start: 2, end: 1, kind: 'X' },
        { start: 7, end: 9, kind: 'X' },
      ]),
    ).toBe('abc');
  });
});

describe('overlaps', () => {
  test('are named after what is worst and leave no rest behind', () => {
    expect(redactor(standard).redact('password: jana@x.de!')).toBe('password: [SECRET_1]');
    expect(redactor({ ...standard, people: ['Jana Müller'] }).redact('jana.mueller@x.de')).toBe('[EMAIL_1]');
  });
});

describe('levels', () => {
  const text = 'Hallo Frau Kern, srv-ber-db01, Kundennummer 4711081, C:\\Users\\kern, x@y.de';

  test('off changes nothing', () => {
    expect(redactor({ ...standard, level: 'off' }).redact(text)).toBe(text);
  });

  test('standard leaves machines, numbers and unknown people', () => {
    expect(redactor(standard).redact(text)).toBe(text.replace('x@y.de', '[EMAIL_1]'));
  });

  test('strict takes them too', () => {
    expect(redactor({ ...standard, level: 'strict' }).redact(text)).toBe(
      'Hallo Frau [PERSON_1], [HOST_1], Kundennummer [NUMBER_1], C:\\Users\\[USER_1], [EMAIL_1]',
    );
  });
});
