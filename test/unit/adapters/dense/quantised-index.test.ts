import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QuantisedIndex } from '../../../../src/adapters/dense/quantised-index.ts';

const everything = { accept: () => true, idOf: String };

/** What rounding to codes may cost at most, for a vector and a query of this length. */
const toleranceFor = (dimensions: number) => Math.sqrt(dimensions) * (1 / 254 + 1 / 4_094) + 1e-6;

function cosine(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  const lengths = Math.sqrt(dot(one, one) * dot(other, other));
  return lengths === 0 ? 0 : dot(one, other) / lengths;
}

function filled(dimensions: number, vectors: readonly (readonly number[])[]): QuantisedIndex {
  const index = new QuantisedIndex(dimensions);
  for (const [number, vector] of vectors.entries()) index.put(number, Float32Array.from(vector));
  return index;
}

const idsOf = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

describe('quantised vectors', () => {
  const values = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.float({ min: -1e3, max: 1e3, noNaN: true }));
  const cases = fc.integer({ min: 1, max: 50 }).chain((dimensions) => {
    const vector = fc.array(values, { minLength: dimensions, maxLength: dimensions });
    return fc.record({ query: vector, vectors: fc.array(vector, { maxLength: 30 }) });
  });

  test('are as near as their cosine says, up to what rounding costs, and none is left out', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ query, vectors }) => {
        const found = await filled(query.length, vectors).nearest(query, 100, everything);
        expect(idsOf(found).toSorted()).toEqual([...vectors.keys()].map(String).toSorted());
        for (const { id, about } of found) {
          const expected = cosine(vectors[Number(id)] ?? [], query);
          expect(Math.abs(about - expected)).toBeLessThanOrEqual(toleranceFor(query.length));
        }
      }),
    );
  });

  test('the best few are the first of all, whoever may not be seen', async () => {
    const limits = fc.integer({ min: 1, max: 9 });
    await fc.assert(
      fc.asyncProperty(cases, limits, fc.integer({ min: 1, max: 3 }), async ({ query, vectors }, limit, every) => {
        const index = filled(query.length, vectors);
        const all = await index.nearest(query, 100, everything);
        const accept = (number: number) => number % every === 0;
        const expected = all.filter(({ id }) => accept(Number(id))).slice(0, limit);
        expect(await index.nearest(query, limit, { ...everything, accept })).toEqual(expected);
      }),
    );
  });

  test('of equal ones those with the smallest ids are found, whatever their numbers', async () => {
    const index = filled(2, Array(100).fill([3, 4]));
    const found = await index.nearest([1, 1], 3, { accept: () => true, idOf: (number) => String(999 - number) });
    expect(idsOf(found)).toEqual(['900', '901', '902']);
  });

  test('may be replaced and removed', async () => {
    const index = filled(2, [
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    index.put(0, Float32Array.of(-1, 0));
    index.remove(2);
    index.remove(77);
    expect(idsOf(await index.nearest([1, 0], 9, everything))).toEqual(['1', '0']);
  });

  test('are found behind gaps, and beyond what is looked at in one go', async () => {
    const index = new QuantisedIndex(3);
    index.put(5, Float32Array.of(1, 1, 0));
    for (let number = 60_000; number < 140_000; number++) index.put(number, Float32Array.of(0, 0, 1));
    index.put(139_999, Float32Array.of(1, 0, 0));
    const found = await index.nearest([1, 0, 0], 3, everything);
    expect(idsOf(found)).toEqual(['139999', '5', '100000']);
  });

  test('a vector or a question without direction is like nothing', async () => {
    const index = filled(2, [
      [0, 0],
      [1, 0],
      [-1, 0],
    ]);
    expect(idsOf(await index.nearest([1, 0], 9, everything))).toEqual(['1', '0', '2']);
    expect((await index.nearest([0, 0], 9, everything)).map(({ about }) => about + 0)).toEqual([0, 0, 0]);
  });

  test('however long they are, no sum overflows', async () => {
    for (const dimensions of [8_192, 20_000]) {
      const [found] = await filled(dimensions, [Array(dimensions).fill(0.5)]).nearest(
        Array(dimensions).fill(2),
        1,
        everything,
      );
      expect(found?.about).toBeCloseTo(1, 3);
    }
  });

  test('take a byte per number', () => {
    const before = filled(384, [Array(384).fill(1)]).bytes;
    const index = new QuantisedIndex(384);
    for (let number = 0; number < 20_000; number++) index.put(number, new Float32Array(384).fill(1));
    expect((index.bytes - before) / 20_000).toBeLessThan(384 * 1.4);
  });
});
