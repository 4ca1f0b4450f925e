import { describe, expect, test } from 'vitest';
import { gather, sketchOf } from '../../../src/triage/burst.ts';
import { arrivalWith } from '../../support/arrivals.ts';
import { playbookWith } from '../../support/fixtures.ts';

describe('a sketch', () => {
  test.each([
    ['a log of 2 MB', 'ERROR connection reset by peer 10.0.0.1\n'.repeat(50_000)],
    ['a word of 2 MB', 'x'.repeat(2_000_000)],
    ['a character 2 million times', '网'.repeat(2_000_000)],
    ['2 MB of different words', Array.from({ length: 250_000 }, (_, index) => `w${index}`).join(' ')],
    ['2 MB of nothing to see', '\u200b'.repeat(2_000_000)],
  ])('of %s is small and soon done', (_what, text) => {
    const startedAt = performance.now();
    const { terms, weights } = sketchOf({ summary: text, text });
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(terms.length).toBeLessThanOrEqual(64);
    expect(weights).toHaveLength(terms.length);
  });

  test('has each term once, ascending, and counts the title double', () => {
    const { terms, weights } = sketchOf({ summary: 'VPN vpn down', text: 'the vpn again' });
    expect(terms).toEqual(terms.toSorted());
    expect([...weights].toSorted()).toEqual([1, 1, Math.log2(3), Math.log2(6)].map(Math.fround).toSorted());
  });

  test('of one word is like another with that word', () => {
    const arrival = arrivalWith({ sketch: sketchOf({ summary: 'VPN', text: '' }) });
    const other = { ...arrivalWith({ sketch: sketchOf({ summary: 'vpn', text: '' }) }), burstId: null };
    const rule = playbookWith({ bursts: { tickets: 2, similarity: 0.99 } }).bursts;
    expect(gather(arrival, { near: [other], before: [] }, rule)).toEqual([other]);
  });
});
