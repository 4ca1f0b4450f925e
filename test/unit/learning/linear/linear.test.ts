import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rows, type Separator, type SeparatorTask, separate } from '../../../../src/learning/linear/linear.ts';

/** Rows with a number for each of a few features. */
function rowsOf(points: readonly (readonly number[])[]): Rows {
  const width = points[0]?.length ?? 0;
  return {
    starts: Uint32Array.from([0, ...points.map((_, index) => (index + 1) * width)]),
    ids: Uint32Array.from(points.flatMap((point) => [...point.keys()])),
    values: Float32Array.from(points.flat()),
    width,
  };
}

function taskOf(
  points: readonly (readonly number[])[],
  signs: readonly (1 | -1)[],
  parts: Partial<SeparatorTask> = {},
): SeparatorTask {
  return {
    rows: rowsOf(points),
    members: Uint32Array.from(points.keys()),
    signs: Int8Array.from(signs),
    costs: Float32Array.from(points, () => 1),
    seed: 42,
    ...parts,
  };
}

const marginOf = ({ weights, bias }: Separator, point: readonly number[]) =>
  point.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), bias);

const sidesOf = (separator: Separator, points: readonly (readonly number[])[]) =>
  points.map((point) => Math.sign(marginOf(separator, point)));

const POINTS: readonly (readonly number[])[] = [
  [2, 0],
  [3, 1],
  [2, 1],
  [0, 2],
  [1, 3],
  [1, 2],
];
const SIGNS = [1, 1, 1, -1, -1, -1] as const;

describe('a separator', () => {
  test('keeps apart what can be kept apart', () => {
    expect(sidesOf(separate(taskOf(POINTS, SIGNS)), POINTS)).toEqual(SIGNS);
  });

  test('keeps apart what lies on one side of the origin, by its bias', () => {
    const line = [[1], [2], [6], [7]];
    const signs = [-1, -1, 1, 1] as const;
    expect(sidesOf(separate(taskOf(line, signs)), line)).toEqual(signs);
  });

  test('has the widest gap: the nearest of both sides are about one away', () => {
    const far = [[-10], [10]];
    const separator = separate(taskOf(far, [-1, 1], { costs: Float32Array.of(1000, 1000) }));
    expect(marginOf(separator, [10])).toBeCloseTo(1, 1);
    expect(marginOf(separator, [-10])).toBeCloseTo(-1, 1);
  });

  test('of the same task with the same seed has the same numbers', () => {
    expect(separate(taskOf(POINTS, SIGNS))).toEqual(separate(taskOf(POINTS, SIGNS)));
  });

  test('decides the same whatever the seed and the order of its members', () => {
    const expected = separate(taskOf(POINTS, SIGNS));
    const turned = [5, 2, 0, 4, 1, 3];
    const others = [
      separate(taskOf(POINTS, SIGNS, { seed: 7 })),
      separate(
        taskOf(POINTS, SIGNS, {
          members: Uint32Array.from(turned),
          signs: Int8Array.from(turned, (row) => SIGNS[row] ?? 0),
        }),
      ),
    ];
    for (const other of others) {
      expect(sidesOf(other, POINTS)).toEqual(SIGNS);
      for (const point of POINTS) expect(marginOf(other, point)).toBeCloseTo(marginOf(expected, point), 0);
    }
  });

  test('believes the costlier of two that contradict each other', () => {
    const points = [...POINTS, [1, 1], [1, 1]];
    const sideWith = (...costs: readonly number[]) =>
      Math.sign(
        marginOf(
          separate(taskOf(points, [...SIGNS, 1, -1], { costs: Float32Array.from([...POINTS.map(() => 1), ...costs]) })),
          [1, 1],
        ),
      );
    expect([sideWith(5, 1), sideWith(1, 5)]).toEqual([1, -1]);
  });

  test('learns from its members alone', () => {
    const turned = { members: Uint32Array.of(0, 3), signs: Int8Array.of(-1, 1), costs: Float32Array.of(1, 1) };
    const sides = sidesOf(separate(taskOf(POINTS, SIGNS, turned)), POINTS);
    expect([sides[0], sides[3]]).toEqual([-1, 1]);
  });

  test.each([
    ['one side only', [1, 1, 1, 1, 1, 1] as const, POINTS],
    ['nothing but its bias', SIGNS, POINTS.map(() => [0, 0])],
    ['no members', [], []],
  ])('with %s settles all the same', (_what, signs, points) => {
    const { weights, bias } = separate(taskOf(points, signs));
    expect([...weights, bias].every(Number.isFinite)).toBe(true);
  });

  test('keeps apart any two groups with a gap between them', () => {
    const x = fc.double({ min: 1, max: 3, noNaN: true });
    const y = fc.double({ min: -3, max: 3, noNaN: true });
    const group = fc.array(fc.tuple(x, y), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(group, group, fc.nat(), (right, left, seed) => {
        const points = [...right, ...left.map(([one, other]) => [-one, other])];
        const signs = points.map(([one = 0]) => (one > 0 ? 1 : -1));
        const costs = Float32Array.from(points, () => 100);
        expect(sidesOf(separate(taskOf(points, signs, { seed, costs })), points)).toEqual(signs);
      }),
    );
  });
});
