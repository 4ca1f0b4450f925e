import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitLogistic, type Logistic, probabilityOf } from '../../../../src/learning/calibration/logistic.ts';

const almostFree = { ridge: 1e-9 };

/** Slopes and intercept on the inputs as given, as R's glm prints them. */
const unscaled = ({ means, scales, weights, bias }: Logistic) => {
  const slopes = weights.map((weight, column) => weight / (scales[column] ?? Number.NaN));
  return { slopes, intercept: slopes.reduce((sum, slope, column) => sum - slope * (means[column] ?? 0), bias) };
};

/** Evenly spread numbers in (0, 1), the same on each run (mulberry32). */
const randomFrom = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const sample = fc.tuple(
  fc.tuple(
    fc.integer({ min: -500, max: 500 }).map((hundredths) => hundredths / 100),
    fc.integer({ min: 0, max: 3 }),
  ),
  fc.boolean(),
  fc.integer({ min: 0, max: 3 }),
);
const samples = fc.array(sample, { minLength: 1, maxLength: 25 });
const ridges = fc.constantFrom(1e-6, 0.1, 1, 10);

describe('a logistic regression', () => {
  test('finds the textbook coefficients of passing by hours of study', () => {
    const hours = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.25, 4.5, 4.75, 5, 5.5];
    const passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1].map(Boolean);
    const rows = hours.map((hour) => [hour]);
    const model = fitLogistic(rows, passed, almostFree);
    const { slopes, intercept } = unscaled(model);
    expect([intercept, ...slopes]).toEqual([expect.closeTo(-4.0777, 4), expect.closeTo(1.5046, 4)]);
    expect(probabilityOf(model, [2])).toBeCloseTo(0.2557, 3);
  });

  test('recovers the coefficients its data were made with', () => {
    const random = randomFrom(7);
    const rows = Array.from({ length: 8000 }, () => [random() * 4 - 2, random() * 100, random() * 0.01]);
    const outcomes = rows.map(
      ([first = 0, second = 0]) => random() < 1 / (1 + Math.exp(-(1.5 * first - 0.03 * second + 1))),
    );
    const { slopes, intercept } = unscaled(fitLogistic(rows, outcomes, { ridge: 1e-3 }));
    expect(Math.abs((slopes[0] ?? 0) - 1.5)).toBeLessThan(0.1);
    expect(Math.abs((slopes[1] ?? 0) + 0.03)).toBeLessThan(0.005);
    expect(Math.abs((slopes[2] ?? 0) * 0.01)).toBeLessThan(0.3);
    expect(Math.abs(intercept - 1)).toBeLessThan(0.3);
  });

  test('stands where the loss is flat: residuals sum to 0, and balance the ridge in each input', () => {
    fc.assert(
      fc.property(samples, ridges, (given, ridge) => {
        const rows = given.map(([row]) => row);
        const weights = given.map(([, , weight]) => weight);
        const outcomes = given.map(([, outcome]) => outcome);
        const counted = outcomes.filter((_, index) => (weights[index] ?? 0) > 0);
        fc.pre(new Set(counted).size === 2);
        const model = fitLogistic(rows, outcomes, { ridge, weights });
        const residuals = given.map(([row, outcome, weight]) => weight * (Number(outcome) - probabilityOf(model, row)));
        expect(residuals.reduce((sum, residual) => sum + residual, 0)).toBeCloseTo(0, 5);
        for (const [column, slope] of model.weights.entries()) {
          const pull = residuals.reduce((sum, residual, index) => {
            const input = (rows[index]?.[column] ?? 0) - (model.means[column] ?? 0);
            return sum + (residual * input) / (model.scales[column] ?? 1);
          }, 0);
          expect(pull).toBeCloseTo(ridge * slope, 5);
        }
      }),
    );
  });

  test('takes a weight for that many equal rows', () => {
    fc.assert(
      fc.property(samples, ridges, (given, ridge) => {
        const repeated = given.flatMap((one) => Array.from({ length: one[2] }, () => one));
        fc.pre(repeated.length > 0);
        const modelOf = (all: typeof given, weights: { weights?: number[] }) =>
          fitLogistic(
            all.map(([row]) => row),
            all.map(([, outcome]) => outcome),
            { ridge, ...weights },
          );
        const weighted = modelOf(given, { weights: given.map(([, , weight]) => weight) });
        const plain = modelOf(repeated, {});
        for (const [row] of given) expect(probabilityOf(weighted, row)).toBeCloseTo(probabilityOf(plain, row), 5);
      }),
    );
  });

  test('settles on data that one line separates, surer the smaller the ridge', () => {
    const rows = [-3, -2, -1, 1, 2, 3].map((input) => [input, 2 * input]);
    const outcomes = rows.map(([input = 0]) => input > 0);
    const sureness = [10, 1, 1e-3, 1e-9].map((ridge) => probabilityOf(fitLogistic(rows, outcomes, { ridge }), [3, 6]));
    expect(sureness).toEqual(sureness.toSorted((left, right) => left - right));
    expect(sureness.every((probability) => probability > 0.5 && probability <= 1)).toBe(true);
  });

  test('settles where full Newton steps run away', () => {
    const rows = [[2], [193], [1], [195]];
    const model = fitLogistic(rows, [false, false, false, true], { ridge: 1e-6, weights: [1, 30, 1, 1] });
    expect(probabilityOf(model, [195])).toBeGreaterThan(0.99);
    expect(probabilityOf(model, [193])).toBeLessThan(0.01);
  });

  test('settles on one outlier far out, and on inputs of very different size', () => {
    const rows = Array.from({ length: 50 }, (_, index) => [index === 0 ? 1e9 : index / 1e6, index % 2 ? 1e12 : -1e12]);
    const model = fitLogistic(
      rows,
      rows.map((_, index) => index === 0 || index % 3 === 0),
      { ridge: 1e-6 },
    );
    const numbers = [...model.weights, ...model.scales, ...model.means, model.bias];
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(probabilityOf(model, rows[0] ?? [])).toBeGreaterThan(0.99);
  });

  test('gives a constant input the scale 1 and no weight', () => {
    const rows = [1, 2, 3, 4, 5, 6].map((input) => [0.1, input]);
    const model = fitLogistic(rows, [false, true, false, true, false, true], almostFree);
    expect([model.means[0], model.scales[0], model.weights[0]]).toEqual([0.1, 1, 0]);
    expect(model.weights[1]).toBeGreaterThan(0);
  });

  test('shares the weight between two inputs that say the same', () => {
    const rows = [1, 2, 3, 4, 5, 6].map((input) => [input, input]);
    const { weights } = fitLogistic(rows, [false, true, false, true, false, true], { ridge: 0.1 });
    expect(weights[0]).toBeGreaterThan(0);
    expect(weights[0]).toBeCloseTo(weights[1] ?? 0, 9);
  });

  test('takes two inputs that say the same for one, even where rounding swallows the ridge', () => {
    const inputs = [1, 2, 3, 4, 5, 6];
    const outcomes = [false, true, false, true, false, true];
    const [one, two] = [1, 2].map((times) =>
      fitLogistic(
        inputs.map((input) => Array<number>(times).fill(input)),
        outcomes,
        { ridge: 1e-30 },
      ),
    );
    for (const input of inputs) {
      expect(two && probabilityOf(two, [input, input])).toBeCloseTo((one && probabilityOf(one, [input])) ?? 0, 6);
    }
  });

  test('where every outcome is the same, is sure by their number alone, and never wholly', () => {
    const rows = [[1], [2], [3]];
    const right = fitLogistic(rows, [true, true, true], { ridge: 1 });
    const wrong = fitLogistic(rows, [false, false, true], { ridge: 1, weights: [1, 2, 0] });
    expect([right.weights, wrong.weights]).toEqual([[0], [0]]);
    expect(probabilityOf(right, [99])).toBeCloseTo(3.5 / 4, 12);
    expect(probabilityOf(wrong, [99])).toBeCloseTo(0.5 / 4, 12);
  });

  test('without rows is undecided, and without inputs gives the share', () => {
    expect(probabilityOf(fitLogistic([], [], { ridge: 1 }), [])).toBe(0.5);
    const share = fitLogistic([[], [], [], []], [true, true, true, false], { ridge: 1 });
    expect(probabilityOf(share, [])).toBeCloseTo(0.75, 9);
  });

  test('gives the same model for the same input, and one that outlives JSON', () => {
    const modelOf = () =>
      fitLogistic(
        [
          [1, 5],
          [2, 3],
          [3, 9],
          [4, 1],
        ],
        [false, true, false, true],
        { ridge: 0.5 },
      );
    expect(modelOf()).toEqual(modelOf());
    expect(JSON.parse(JSON.stringify(modelOf()))).toEqual(modelOf());
  });

  test('refuses a ridge of nothing, and rows without an outcome or a weight', () => {
    expect(() => fitLogistic([[1]], [true], { ridge: 0 })).toThrow(RangeError);
    expect(() => fitLogistic([[1]], [true], { ridge: Number.NaN })).toThrow(RangeError);
    expect(() => fitLogistic([[1], [2]], [true], { ridge: 1 })).toThrow(RangeError);
    expect(() => fitLogistic([[1], [2]], [true, false], { ridge: 1, weights: [1] })).toThrow(RangeError);
  });

  test('never lowers the probability as an input of positive weight rises, nor leaves 0 and 1', () => {
    const rise = fc.double({ min: 0, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(samples, ridges, rise, (given, ridge, by) => {
        const model = fitLogistic(
          given.map(([row]) => row),
          given.map(([, outcome]) => outcome),
          { ridge },
        );
        for (const [row] of given) {
          const before = probabilityOf(model, row);
          expect(before >= 0 && before <= 1).toBe(true);
          for (const [column, weight] of model.weights.entries()) {
            const after = probabilityOf(model, row.with(column, (row[column] ?? 0) + by));
            expect(Math.sign(weight) * (after - before)).toBeGreaterThanOrEqual(-1e-12);
          }
        }
      }),
    );
  });
});
