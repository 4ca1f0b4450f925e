import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recommended } from '../../../../src/evaluation/ladder/curve.ts';
import { pointOf } from '../../../support/evaluation.ts';

const curve = [pointOf(0, 0.2, 0.74), pointOf(0.9, 0.5, 0.76), pointOf(0.97, 0.7, 0.761), pointOf(1, 1, 0.76)];

describe('the confidence below which a model should be asked', () => {
  test('is the cheapest step within 0.2 points of the best', () => {
    expect(recommended(curve, 0.73)).toBe(0.9);
    expect(recommended([...curve, pointOf(0.95, 0.6, 0.765)], 0.73)).toBe(0.95);
  });

  test('is none where the local classifier alone is as good', () => {
    expect(recommended(curve, 0.7595)).toBeNull();
    expect(recommended(curve, 0.9)).toBeNull();
    expect(recommended([], 0.7)).toBeNull();
  });

  test('never costs more than 0.2 points, and no other such step asks about fewer tickets', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const points = fc.array(fc.tuple(share, share, share).map(([skip, asked, right]) => pointOf(skip, asked, right)));
    fc.assert(
      fc.property(points, share, (steps, local) => {
        const best = Math.max(local, ...steps.map(({ accuracy }) => accuracy));
        const isEnough = (accuracy: number) => accuracy > best - 0.002 - 1e-6;
        const skip = recommended(steps, local);
        if (skip === null) return isEnough(local);
        const chosen = steps.filter(({ skipModelAbove }) => skipModelAbove === skip);
        const least = Math.min(
          ...steps.filter(({ accuracy }) => accuracy >= best - 0.002).map(({ askedShare }) => askedShare),
        );
        return chosen.some(({ accuracy, askedShare }) => isEnough(accuracy) && askedShare <= least);
      }),
    );
  });
});
