import { describe, expect, test } from 'vitest';
import { presidioFinder } from '../../src/adapters/presidio/finder.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { redactor } from '../../src/privacy/redact.ts';
import { startPresidio } from '../fakes/presidio.ts';

const KNOWN = {
  'Chidi Umeh': { entity: 'PERSON' },
  孙佳怡: { entity: 'PERSON' },
  Galway: { entity: 'LOCATION' },
  Monday: { entity: 'DATE_TIME' },
  KB5034441: { entity: 'US_DRIVER_LICENSE', score: 0.01 },
  'A-77': { entity: 'staff badge' },
};
const finder = (url: string, timeoutMs = 10_000) => presidioFinder({ url, timeoutMs });
const words = (text: string, found: readonly { readonly start: number; readonly end: number }[]) =>
  found.map(({ start, end }) => text.slice(start, end));

describe('a presidio analyzer', () => {
  test('tells who and where, in our words', async () => {
    await using server = await startPresidio(KNOWN);
    const text = 'Chidi Umeh in Galway, badge A-77';
    expect(await finder(server.url).find(text, 'en')).toEqual([
      { start: 0, end: 10, kind: 'PERSON' },
      { start: 14, end: 20, kind: 'ADDRESS' },
      { start: 28, end: 32, kind: 'STAFF BADGE' },
    ]);
    expect(server.requests).toEqual([{ text, language: 'en' }]);
  });

  test('is asked in a language it knows', async () => {
    await using server = await startPresidio(KNOWN);
    const { find } = presidioFinder({ url: server.url, languages: ['en', 'de'] });
    await find('Chidi Umeh', 'de');
    await find('Chidi Umeh', 'zh');
    expect(server.requests.map(({ language }) => language)).toEqual(['de', 'en']);
  });

  test('is not believed where it guesses, nor about days', async () => {
    await using server = await startPresidio(KNOWN);
    expect(await finder(server.url).find('KB5034441 came on Monday', 'en')).toEqual([]);
  });

  test('counts characters where we count UTF-16 units', async () => {
    await using server = await startPresidio(KNOWN);
    const text = '🖨️🔥 𠮷野さん、孙佳怡 and Chidi Umeh 🙏 孙佳怡';
    expect(words(text, await finder(`${server.url}/`).find(text, 'zh'))).toEqual(['Chidi Umeh', '孙佳怡', '孙佳怡']);
  });

  test('finds what the redactor takes out', async () => {
    await using server = await startPresidio(KNOWN);
    const text = '🙂 account for Chidi Umeh (chidi.umeh@mail.example) in Galway';
    const found = await finder(server.url).find(text, 'en');
    const { redact } = redactor({ level: 'standard', people: [], patterns: [] });
    expect(redact(text, found)).toBe('🙂 account for [PERSON_1] ([EMAIL_1]) in [ADDRESS_1]');
  });

  test.each([
    ['breaks', { status: 500 }],
    ['is too busy', { status: 503 }],
    ['does not know us', { status: 401 }],
    ['hangs up', 'reset'],
    ['answers something else than JSON', 'not-json'],
    ['answers no list', 'no-list'],
    ['names places outside of the text', 'outside'],
    ['names places that end before they begin', 'backwards'],
    ['sends us elsewhere', 'redirect'],
  ] as const)('fails for now, without a word of the text, when it %s', async (_what, trouble) => {
    await using server = await startPresidio(KNOWN);
    server.trouble(trouble);
    const failed: unknown = await finder(server.url)
      .find('the secret of Chidi', 'en')
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(TransientError);
    expect(failed).not.toHaveProperty('cause');
    expect(String(failed)).not.toMatch(/secret|Chidi/);
  });

  test.each(['hang', 'hang-halfway'] as const)(
    'fails for now when it does not answer in time (%s)',
    async (trouble) => {
      await using server = await startPresidio(KNOWN);
      server.trouble(trouble);
      await expect(finder(server.url, 60).find('printer', 'en')).rejects.toThrow(
        new TransientError('presidio did not answer in time'),
      );
    },
  );

  test('fails for now when there is none', async () => {
    await expect(finder('http://127.0.0.1:1').find('printer', 'en')).rejects.toThrow(TransientError);
  });

  test('is asked again after it failed', async () => {
    await using server = await startPresidio(KNOWN);
    server.trouble({ status: 500 });
    await expect(finder(server.url).find('Chidi Umeh', 'en')).rejects.toThrow('presidio answered 500');
    expect(await finder(server.url).find('Chidi Umeh', 'en')).toHaveLength(1);
  });
});
