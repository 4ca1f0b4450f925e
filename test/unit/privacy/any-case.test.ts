import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyCase } from '../../../src/privacy/any-case.ts';
import { redactor } from '../../../src/privacy/redact.ts';

const redact = (text: string) => redactor({ level: 'strict', people: [], patterns: [] }).redact(text);

/** As V8 compiles patterns in a process that has run for long, where it forgets `(?i:…)`. */
beforeAll(() => setFlagsFromString('--no-regexp-optimization'));
afterAll(() => setFlagsFromString('--regexp-optimization'));

describe('upper and lower case are the same to the strict level, however long the process runs', () => {
  test.each([
    ['Calle Mayor 45', '[ADDRESS_1]'],
    ['PLAZA Mayor 45', '[ADDRESS_1]'],
    ['12 Rue Victor Hugo', '[ADDRESS_1]'],
    ['Adresse: Am Alten Markt 7', 'Adresse: [ADDRESS_1]'],
    ['WOHNT Am Alten Markt 7', 'WOHNT [ADDRESS_1]'],
    ['Mit freundlichen Grüßen\n\nPeter Groß', 'Mit freundlichen Grüßen\n\n[PERSON_1]'],
    ['VIELE GRÜẞE\nEva Brandt', 'VIELE GRÜẞE\n[PERSON_1]'],
    ['KIND REGARDS,\nEva Brandt', 'KIND REGARDS,\n[PERSON_1]'],
    ['Viele Grüße\nEva Brandt', 'Viele Grüße\n[PERSON_1]'],
    ['My name is Eva Brandt', 'My name is [PERSON_1]'],
    ['* Name: Svenja Albers\n* Beginn: Montag', '* Name: [PERSON_1]\n* Beginn: Montag'],
    ['NACHNAME: Albers', 'NACHNAME: [PERSON_1]'],
  ])('%s', (text, expected) => expect(redact(text)).toBe(expected));
});

describe('anyCase', () => {
  test('finds what the flag i finds, in any text', () => {
    const source = '(?:ab|[bü]x|é\\.ß?|sk|å)';
    const [ours, flagged] = [new RegExp(anyCase(source), 'gv'), new RegExp(source, 'giv')];
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aAbBéÉüÜßẞsSſkK\u212aåÅ\u212b.|x') }), (text) => {
        expect(text.replaceAll(ours, '_')).toBe(text.replaceAll(flagged, '_'));
      }),
    );
  });

  test('leaves escapes and what has no second case alone', () => {
    expect(anyCase(String.raw`\s\p{L}错7[nr]`)).toBe(String.raw`\s\p{L}错7[[nN][rR]]`);
  });
});
