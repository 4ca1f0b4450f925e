import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askedToWaitMs, durationMs, usedUpForMs } from '../../../../src/adapters/openai/patience.ts';

const NOW = Date.parse('2026-11-22T08:00:00Z');
const waiting = (headers: Record<string, string>) => askedToWaitMs(new Headers(headers), NOW);

describe('how long a server wants to be left alone', () => {
  test.each([
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 08:01:00 GMT' }, 60_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 07:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '150', 'retry-after': '9' }, 150],
    [{ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('%j is %s ms', (headers, ms) => {
    expect(waiting(headers)).toBe(ms);
  });

  test('is told before it has to refuse, by what is left', () => {
    const left = (requests: string, tokens: string) =>
      usedUpForMs(
        new Headers({
          'x-ratelimit-remaining-requests': requests,
          'x-ratelimit-reset-requests': '1s',
          'x-ratelimit-remaining-tokens': tokens,
          'x-ratelimit-reset-tokens': '120ms',
        }),
      );
    expect([left('3', '400'), left('0', '400'), left('3', '0'), left('0', '0')]).toEqual([null, 1_000, 120, 1_000]);
  });

  test.each([
    ['1s', 1_000],
    ['6m0s', 360_000],
    ['120ms', 120],
    ['1h2m3s', 3_723_000],
    ['1.5s', 1_500],
    ['7', 7_000],
    ['', null],
    ['-1s', null],
    ['1s later', null],
  ])('%j is a duration of %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test('is never less than nothing, whatever a server says', () => {
    const headers = fc.record({ 'retry-after': fc.string(), 'retry-after-ms': fc.string() });
    fc.assert(
      fc.property(headers, (said) => {
        try {
          const ms = waiting(said);
          expect(ms === null || ms >= 0).toBe(true);
        } catch (error) {
          // `Headers` refuses some characters before we see them.
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
    );
  });
});
