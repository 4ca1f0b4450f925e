import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auroc,
  expectedCalibrationError,
  interpolate,
  isotonic,
  lowerBound,
  mcNemar,
  upperBound,
  wilson,
} from '../../../src/learning/statistics.ts';

/** The chance of at least `atLeast` hits, term by term: the other way to it than the incomplete beta function. */
const tail = (atLeast: number, of: number, share: number): number => {
  let sum = 0;
  let logTerm = of * Math.log1p(-share);
  for (let hits = 0; hits <= of; hits++) {
    if (hits >= atLeast) sum += Math.exp(logTerm);
    logTerm += Math.log((of - hits) / (hits + 1)) + Math.log(share / (1 - share));
  }
  return sum;
};

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const counts = fc
  .integer({ min: 1, max: 3000 })
  .chain((of) => fc.record({ right: fc.integer({ min: 0, max: of }), of: fc.constant(of) }));

describe('a confidence bound', () => {
  test.each([
    [95, 100, 0.05, 0.897746622357],
    [1, 100, 0.05, 0.000512801416],
    [9, 10, 0.025, 0.554983882972],
    [4900, 5000, 0.01, 0.974897506454],
    [99_990, 100_000, 0.05, 0.999830383712],
  ])('of %d in %d with doubt %d is what 40 digits give', (right, of, doubt, expected) => {
    expect(lowerBound(right, of, doubt)).toBeCloseTo(expected, 11);
    expect(upperBound(of - right, of, doubt)).toBeCloseTo(1 - expected, 11);
  });

  test.each([
    [95, 100, 0.05],
    [3, 7, 0.2],
    [400, 1000, 0.001],
  ])('of %d in %d leaves a tail of exactly the doubt', (right, of, doubt) => {
    expect(tail(right, of, lowerBound(right, of, doubt))).toBeCloseTo(doubt, 9);
    expect(1 - tail(right + 1, of, upperBound(right, of, doubt))).toBeCloseTo(doubt, 9);
  });

  test('follows the rule of three where all are right, and where none is', () => {
    expect(lowerBound(300, 300, 0.05)).toBeCloseTo(0.05 ** (1 / 300), 12);
    expect(upperBound(0, 300, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 300), 12);
  });

  test('promises nothing where nothing speaks for it', () => {
    expect([lowerBound(0, 10, 0.05), lowerBound(0, 0, 0.05)]).toEqual([0, 0]);
    expect([upperBound(10, 10, 0.05), upperBound(0, 0, 0.05)]).toEqual([1, 1]);
  });

  test.each([
    [11, 10, 0.05],
    [-1, 10, 0.05],
    [5, 10, 0],
    [5, 10, 1],
    [Number.NaN, 10, 0.05],
    [5, Number.NaN, 0.05],
  ])('refuses %d in %d with doubt %d', (right, of, doubt) => {
    expect(() => lowerBound(right, of, doubt)).toThrow(RangeError);
    expect(() => upperBound(right, of, doubt)).toThrow(RangeError);
  });

  test('brackets the share', () => {
    fc.assert(
      fc.property(counts, between(1e-6, 0.5), ({ right, of }, doubt) => {
        expect(lowerBound(right, of, doubt)).toBeLessThanOrEqual(right / of + 1e-12);
        expect(upperBound(right, of, doubt)).toBeGreaterThanOrEqual(right / of - 1e-12);
      }),
    );
  });

  test('falls as the doubt falls, and rises with one more that is right', () => {
    fc.assert(
      fc.property(counts, between(1e-6, 0.999), between(0.01, 1), ({ right, of }, doubt, part) => {
        const bound = lowerBound(right, of, doubt);
        expect(lowerBound(right, of, doubt * part)).toBeLessThanOrEqual(bound);
        expect(lowerBound(right + 1, of + 1, doubt)).toBeGreaterThanOrEqual(bound - 1e-12);
      }),
    );
  });

  test.each([0.05, 0.3, 0.9, 0.99])('holds for a true share of %d as often as it says', (share) => {
    const of = 60;
    const held = Array.from({ length: of + 1 }, (_, right) => right)
      .filter((right) => lowerBound(right, of, 0.05) <= share)
      .reduce((sum, right) => sum + tail(right, of, share) - tail(right + 1, of, share), 0);
    expect(held).toBeGreaterThanOrEqual(0.95 - 1e-9);
  });
});

describe('the Wilson interval', () => {
  test.each([
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
  ])('of %d in %d is [%d, %d], as R and Newcombe (1998) have it', (right, of, low, high) => {
    const interval = wilson(right, of);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('of nothing is everything', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  test('reaches to exactly 0 where none is right, and to exactly 1 where all are', () => {
    for (let of = 1; of <= 200; of++) expect([wilson(0, of).low, wilson(of, of).high]).toEqual([0, 1]);
  });

  test('lies around the share, within 0 and 1, and mirrors', () => {
    fc.assert(
      fc.property(counts, ({ right, of }) => {
        const { low, high } = wilson(right, of);
        const mirror = wilson(of - right, of);
        expect(0 <= low && low <= right / of && right / of <= high && high <= 1).toBe(true);
        expect([1 - mirror.high, 1 - mirror.low]).toEqual([expect.closeTo(low, 12), expect.closeTo(high, 12)]);
      }),
    );
  });
});

describe("McNemar's test", () => {
  test.each([
    [10, 2, 158 / 4096],
    [1, 0, 1],
    [6, 0, 2 / 64],
    [6, 6, 1],
    [0, 0, 1],
    [59, 33, 0.00878093080698],
    [5000, 4800, 0.0444041487998],
    [3000, 2500, 1.66152561054e-11],
  ])('of %d gained and %d lost gives %d, either way round', (gained, lost, expected) => {
    expect(mcNemar(gained, lost) / expected).toBeCloseTo(1, 10);
    expect(mcNemar(lost, gained)).toBe(mcNemar(gained, lost));
  });

  test('is twice the tail, summed term by term', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (gained, lost) => {
        const expected = Math.min(1, 2 * tail(Math.max(gained, lost), gained + lost, 0.5));
        expect(mcNemar(gained, lost)).toBeCloseTo(expected, 9);
      }),
    );
  });

  test('stays a probability for counts of a million', () => {
    expect(mcNemar(1_000_000, 0)).toBe(0);
    expect(mcNemar(500_500, 499_500)).toBeCloseTo(0.3176, 3);
  });
});

const points = fc.array(
  fc.record({
    score: fc.oneof(fc.integer({ min: 0, max: 5 }), between(-3, 9)),
    weight: between(0.01, 10),
    target: fc.oneof(fc.constantFrom(0, 1), between(-1, 2)),
  }),
  { maxLength: 40 },
);

const isStrictlyAscending = (values: readonly number[]) =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? Number.NaN));

describe('the isotonic curve', () => {
  test('leaves what already rises', () => {
    const rising = [1, 2, 3].map((score) => ({ score, weight: score, target: score / 10 }));
    expect(isotonic(rising.toReversed())).toEqual(rising.map(({ score, target }) => ({ score, value: target })));
  });

  test('pools neighbours out of order, as R isoreg does', () => {
    const targets = [1, 0, 4, 3, 3, 5, 4, 2, 0];
    expect(isotonic(targets.map((target, index) => ({ score: index + 1, weight: 1, target })))).toEqual([
      { score: 1.5, value: 0.5 },
      { score: 6, value: 3 },
    ]);
  });

  test('weighs scores and targets', () => {
    const falling = [
      { score: 0, weight: 3, target: 1 },
      { score: 4, weight: 1, target: 0 },
    ];
    expect(isotonic(falling)).toEqual([{ score: 1, value: 0.75 }]);
  });

  test('takes points of one score for one, even where their targets rise', () => {
    const tied = [
      { score: 0.5, weight: 1, target: 0 },
      { score: 0.5, weight: 1, target: 1 },
      { score: 0.7, weight: 1, target: 1 },
    ];
    expect(isotonic(tied)).toEqual([
      { score: 0.5, value: 0.5 },
      { score: 0.7, value: 1 },
    ]);
  });

  test('is one knot where all targets agree, and none where nothing weighs', () => {
    expect(isotonic([0, 2, 4].map((score) => ({ score, weight: 1, target: 1 })))).toEqual([{ score: 2, value: 1 }]);
    expect(isotonic([])).toEqual([]);
    expect(isotonic([{ score: 1, weight: 0, target: 1 }])).toEqual([]);
  });

  test('strictly rises in score and value, within the range of both', () => {
    fc.assert(
      fc.property(points, (given) => {
        const knots = isotonic(given);
        const [scores, values] = [knots.map(({ score }) => score), knots.map(({ value }) => value)];
        const targets = given.map(({ target }) => target);
        expect(isStrictlyAscending(scores) && isStrictlyAscending(values)).toBe(true);
        expect(values.every((value) => value >= Math.min(...targets) && value <= Math.max(...targets))).toBe(true);
        expect(knots.length > 0).toBe(given.length > 0);
      }),
    );
  });

  test('keeps the weighted mean, and is the best rising fit by the max–min formula', () => {
    const mean = (part: readonly { weight: number; target: number }[]) =>
      part.reduce((sum, { weight, target }) => sum + weight * target, 0) /
      part.reduce((sum, { weight }) => sum + weight, 0);
    fc.assert(
      fc.property(points, (given) => {
        const scores = [...new Set(given.map(({ score }) => score + 0))];
        const fitted = given.map(({ score, weight }) => {
          const lefts = scores.filter((left) => left <= score);
          const rights = scores.filter((right) => right >= score);
          const within = (left: number, right: number) =>
            mean(given.filter((point) => point.score >= left && point.score <= right));
          const target = Math.max(...lefts.map((left) => Math.min(...rights.map((right) => within(left, right)))));
          return { weight, target };
        });
        const values = isotonic(given).map(({ value }) => value);
        for (const { target } of fitted) expect(values).toContainEqual(expect.closeTo(target, 8));
        for (const value of values) expect(fitted.map(({ target }) => target)).toContainEqual(expect.closeTo(value, 8));
        if (given.length > 0) expect(mean(fitted)).toBeCloseTo(mean(given), 8);
      }),
      { numRuns: 30 },
    );
  });
});

describe('interpolation', () => {
  const knots = [
    { score: 0, value: 0.1 },
    { score: 2, value: 0.5 },
    { score: 3, value: 0.9 },
  ];

  test.each([
    [-5, 0.1],
    [0, 0.1],
    [1, 0.3],
    [2, 0.5],
    [2.5, 0.7],
    [3, 0.9],
    [99, 0.9],
    [Number.NEGATIVE_INFINITY, 0.1],
    [Number.POSITIVE_INFINITY, 0.9],
  ])('at %d gives %d', (score, expected) => {
    expect(interpolate(knots, score)).toBeCloseTo(expected, 12);
  });

  test('is cautious without knots, and for a score that is no number', () => {
    expect(interpolate([], 1)).toBe(0);
    expect(interpolate(knots, Number.NaN)).toBe(0.1);
  });

  test('never falls, and meets every knot', () => {
    fc.assert(
      fc.property(points, between(-5, 12), between(0, 2), (given, score, rise) => {
        const curve = isotonic(given);
        expect(interpolate(curve, score + rise)).toBeGreaterThanOrEqual(interpolate(curve, score));
        for (const knot of curve) expect(interpolate(curve, knot.score) === knot.value).toBe(true);
      }),
    );
  });
});

describe('the calibration error', () => {
  const predicted = (confidence: number, outcomes: readonly boolean[]) =>
    outcomes.map((isRight) => ({ confidence, isRight }));

  test('is none where confidence is the share that is right', () => {
    const predictions = [
      ...predicted(0.75, [true, true, true, false]),
      ...predicted(1, [true]),
      ...predicted(0, [false]),
    ];
    expect(expectedCalibrationError(predictions)).toBeCloseTo(0, 12);
  });

  test('weighs the gap of each bin by its size', () => {
    const predictions = [
      ...predicted(0.9, [true, false]),
      ...predicted(0.25, [false, false, false, false, false, false]),
    ];
    expect(expectedCalibrationError(predictions)).toBeCloseTo((2 / 8) * 0.4 + (6 / 8) * 0.25, 12);
  });

  test('counts the edge of a bin to the bin below', () => {
    const predictions = [...predicted(0.5, [true]), ...predicted(0.6, [false])];
    expect(expectedCalibrationError(predictions, 2)).toBeCloseTo((0.5 + 0.6) / 2, 12);
    expect(expectedCalibrationError(predictions, 1)).toBeCloseTo(0.05, 12);
    const lowest = [...predicted(0, [true]), ...predicted(0.1, [false])];
    expect(expectedCalibrationError(lowest)).toBeCloseTo(0.45, 12);
  });

  test('is 0 without predictions, and never outside 0 and 1', () => {
    expect(expectedCalibrationError([])).toBe(0);
    const prediction = fc.record({ confidence: between(0, 1), isRight: fc.boolean() });
    fc.assert(
      fc.property(fc.array(prediction), fc.integer({ min: 1, max: 20 }), (predictions, bins) => {
        const error = expectedCalibrationError(predictions, bins);
        expect(error >= 0 && error <= 1 + 1e-12).toBe(true);
      }),
    );
  });
});

describe('the AUROC', () => {
  test.each([
    { inside: [3, 4], outside: [1, 2], expected: 1 },
    { inside: [1, 2], outside: [3, 4], expected: 0 },
    { inside: [1, 1], outside: [1], expected: 0.5 },
    { inside: [0.8, 0.35], outside: [0.1, 0.4], expected: 0.75 },
    { inside: [10, 9], outside: [2, 100], expected: 0.5 },
    { inside: [], outside: [1], expected: 0.5 },
    { inside: [1], outside: [], expected: 0.5 },
  ])('of $inside against $outside is $expected', ({ inside, outside, expected }) => {
    expect(auroc(inside, outside)).toBe(expected);
  });

  test('is the share of pairs in order, and turns round with the sides', () => {
    const scores = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), between(-3, 3)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, scores, (inside, outside) => {
        const wins = inside.flatMap((one) => outside.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
        expect(auroc(inside, outside)).toBeCloseTo(wins.reduce<number>((sum, win) => sum + win, 0) / wins.length, 12);
        expect(auroc(outside, inside)).toBeCloseTo(1 - auroc(inside, outside), 12);
      }),
    );
  });

  test('reads its inputs without reordering them', () => {
    const [inside, outside] = [Object.freeze([3, 1, 2]), Object.freeze([2, 0])];
    auroc(inside, outside);
    expect([inside, outside]).toEqual([
      [3, 1, 2],
      [2, 0],
    ]);
  });
});
