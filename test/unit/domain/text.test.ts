import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, termsOf } from '../../../src/domain/ticket/text.ts';

describe('cleaning a text', () => {
  test.each([
    ['zero-width characters', 'pass\u200bword\u200d\u2060\ufeff', 'password'],
    ['tag characters, which hide whole sentences', 'hi\u{E0069}\u{E0067}\u{E006E}', 'hi'],
    ['variation selectors', 'print\ufe0fer', 'printer'],
    ['NUL', 'a\u0000b', 'ab'],
    ['half a surrogate pair', 'a\ud83db', 'ab'],
  ])('drops %s', (_what, raw, clean) => {
    expect(cleanText(raw).replaceAll('\ufffd', '')).toBe(clean);
  });

  test('writes one character in one way', () => {
    expect(cleanText('e\u0000\u0301')).toBe('é');
    expect(cleanText('ﬁle Ｐａｓｓ １２ e\u0301')).toBe('file Pass 12 é');
  });

  test('keeps line breaks, tabs and emoji', () => {
    expect(cleanText('one\n\ttwo 🖨')).toBe('one\n\ttwo 🖨');
  });

  test('is bounded, also for characters that grow when normalised', () => {
    expect(cleanText('a'.repeat(200_000)).length).toBe(20_000);
    expect(cleanText('ﷺ'.repeat(200_000)).length).toBeLessThanOrEqual(20_000);
  });

  test('never ends in half a character', () => {
    expect(cleanText(`a${'🖨'.repeat(20_000)}`).isWellFormed()).toBe(true);
  });

  test('of any string is text any database and any JSON reader takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (raw) => {
        const text = cleanText(raw);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\u0000');
      }),
    );
  });

  test('twice is the same as once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        expect(cleanText(cleanText(raw))).toBe(cleanText(raw));
      }),
    );
  });
});

describe('the terms of a text', () => {
  test('are its words in lower case', () => {
    expect(termsOf("Can't print: HP-4000, error 0x80070035!")).toEqual([
      'can',
      't',
      'print',
      'hp',
      '4000',
      'error',
      '0x80070035',
    ]);
  });

  test('keep German umlauts and ß', () => {
    expect(termsOf('Passwortänderung für GRÖSSE Straße')).toEqual(['passwortänderung', 'für', 'grösse', 'straße']);
  });

  test('find a word that zero-width characters break', () => {
    expect(termsOf('pass\u200bword')).toEqual(['password']);
  });

  test('are single characters and pairs where a script has no spaces', () => {
    expect(termsOf('打印机')).toEqual(['打', '印', '机', '打印', '印机']);
    expect(termsOf('프린터')).toEqual(['프', '린', '터', '프린', '린터']);
  });

  test('tell Latin words inside a Chinese sentence apart', () => {
    expect(termsOf('无法连接vpn服务器')).toEqual(expect.arrayContaining(['vpn', '无法', '连接', '服务', '务器']));
    expect(termsOf('无法连接vpn服务器')).not.toContain('接v');
  });

  test('hold Japanese words with a long vowel together', () => {
    expect(termsOf('サーバー')).toEqual(expect.arrayContaining(['サー', 'ーバ', 'バー']));
  });

  test('are the same for full-width, half-width and composed forms', () => {
    expect(termsOf('ｶﾞｽ')).toEqual(termsOf('ガス'));
    expect(termsOf('ＶＰＮ')).toEqual(['vpn']);
    expect(termsOf('Gro\u0308ße')).toEqual(['größe']);
  });

  test('leave out runs of letters that are no words', () => {
    expect(termsOf(`key ${'A'.repeat(41)} end`)).toEqual(['key', 'end']);
    expect(termsOf('a'.repeat(40))).toEqual(['a'.repeat(40)]);
  });

  test('of no words are none', () => {
    expect(termsOf(' \n?!… 🖨️')).toEqual([]);
  });

  test.each(['a', ' ', '\u200b', '漢', '\u0301', 'ﷺ', 'İ', '🖨', '-', 'a ', '漢a'])(
    'of 200,000 times %j are found in no time',
    (unit) => {
      const startedAt = performance.now();
      const terms = termsOf(unit.repeat(200_000));
      expect(performance.now() - startedAt).toBeLessThan(250);
      expect(terms.length).toBeLessThanOrEqual(40_000);
    },
  );

  test('of any string are never empty, never too long and always lower case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (raw) => {
        for (const term of termsOf(raw)) {
          expect(term.length).toBeGreaterThan(0);
          expect(term.length).toBeLessThanOrEqual(40);
          expect(term).not.toMatch(/\s/);
        }
      }),
    );
  });
});
