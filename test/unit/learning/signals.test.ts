import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Circumstances,
  labelSignalsOf,
  type Ranked,
  SCOPE_SIGNALS,
  SIGNALS,
  sharesOf,
  signalsOf,
} from '../../../src/learning/signals.ts';

const CIRCUMSTANCES: Circumstances = {
  voteShare: 0.6,
  closeVoteShare: 0.8,
  isNeighboursChoice: true,
  likeness: 0.4,
  known: 0.9,
  frequency: 0.1,
};

const ranked = (...margins: readonly number[]): Ranked[] =>
  margins.map((margin, index) => ({ value: `v${index}`, margin }));

const named = (signals: readonly number[]) => Object.fromEntries(SIGNALS.map((name, index) => [name, signals[index]]));

const margins = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('signals', () => {
  test('are one number for each name', () => {
    expect(named(signalsOf(ranked(0.5, -0.2), 'v0', CIRCUMSTANCES))).toEqual({
      margin: 0.5,
      gap: expect.closeTo(0.7, 10),
      share: expect.closeTo(2.8, 4),
      voteShare: 0.6,
      closeVoteShare: 0.8,
      isNeighboursChoice: 1,
      likeness: 0.4,
      known: 0.9,
      frequency: expect.closeTo(Math.log(0.1), 4),
    });
  });

  test('of a value without rivals have the gap to a clear no', () => {
    expect(named(signalsOf(ranked(0.5), 'v0', CIRCUMSTANCES))['gap']).toBe(1.5);
  });

  test('of one of several labels do not hang on the others', () => {
    expect(named(labelSignalsOf(0.5, CIRCUMSTANCES))).toMatchObject({
      margin: 0.5,
      gap: 0.5,
      share: expect.closeTo(2, 4),
    });
  });

  test('tell scope by margin, likeness and known words', () => {
    expect(SCOPE_SIGNALS.map((position) => SIGNALS[position])).toEqual(['margin', 'likeness', 'known']);
  });

  test('are finite however sure or rare a value is', () => {
    const extremes = { ...CIRCUMSTANCES, frequency: 0, likeness: 0, known: 0 };
    for (const signals of [signalsOf(ranked(1000), 'v0', extremes), signalsOf(ranked(-1000, -1000), 'v0', extremes)])
      expect(signals.filter((signal) => !Number.isFinite(signal))).toEqual([]);
    expect(labelSignalsOf(-1000, extremes).filter((signal) => !Number.isFinite(signal))).toEqual([]);
  });
});

describe('shares', () => {
  test('sum to one, and a larger margin never has the smaller share', () => {
    fc.assert(
      fc.property(margins, (all) => {
        const sorted = all.toSorted((one, other) => other - one);
        const shares = sharesOf(ranked(...sorted));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(shares).toEqual(shares.toSorted((one, other) => other - one));
      }),
    );
  });

  test('of nothing are none', () => {
    expect(sharesOf([])).toEqual([]);
  });
});
