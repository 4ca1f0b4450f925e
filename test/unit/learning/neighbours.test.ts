import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vote } from '../../../src/learning/neighbours.ts';
import { evidenceWith } from '../../support/fixtures.ts';

const voting = (...votes: readonly (readonly [value: string, similarity: number])[]) =>
  votes.map(([value, similarity]) => evidenceWith({ similarity, values: { category: value } }));

const all = { sharpness: 1, allowed: null };

describe('a vote', () => {
  test('weighs each neighbour by its similarity', () => {
    expect(vote(voting(['a', 1], ['b', 0.5], ['a', 0.5]), 'category', all)).toEqual({
      candidates: [
        { value: 'a', confidence: 0.75 },
        { value: 'b', confidence: 0.25 },
      ],
      voters: 3,
    });
  });

  test('trusts the nearest more, the sharper it is', () => {
    const evidence = voting(['a', 1], ['b', 0.5], ['b', 0.5]);
    const sureness = (sharpness: number) =>
      vote(evidence, 'category', { ...all, sharpness }).candidates.find(({ value }) => value === 'a')?.confidence;
    expect([sureness(0), sureness(1), sureness(2)]).toEqual([1 / 3, 1 / 2, 1 / 1.5]);
  });

  test('does not depend on the scale of similarities', () => {
    const small = vote(voting(['a', 0.02], ['b', 0.01]), 'category', { ...all, sharpness: 10 });
    const large = vote(voting(['a', 200], ['b', 100]), 'category', { ...all, sharpness: 10 });
    expect(small).toEqual(large);
  });

  test('leaves out who has no value, and who has one that is not allowed', () => {
    const evidence = [...voting(['a', 1], ['gone', 1]), evidenceWith({ values: { priority: 'High' } })];
    expect(vote(evidence, 'category', { ...all, allowed: new Set(['a', 'b']) })).toEqual({
      candidates: [{ value: 'a', confidence: 1 }],
      voters: 1,
    });
  });

  test('without voters has no candidates', () => {
    expect(vote([], 'category', all)).toEqual({ candidates: [], voters: 0 });
    expect(vote(voting(['a', 1]), 'priority', all)).toEqual({ candidates: [], voters: 0 });
  });

  test('who has several values votes for each of them with its whole weight', () => {
    const evidence = voting(['a b', 1], ['b', 1], ['c gone', 1]);
    const partsOf = (value: string) => value.split(' ');
    expect(vote(evidence, 'category', { ...all, partsOf, allowed: new Set(['a', 'b', 'c']) })).toEqual({
      candidates: [
        { value: 'b', confidence: 2 / 3 },
        { value: 'a', confidence: 1 / 3 },
        { value: 'c', confidence: 1 / 3 },
      ],
      voters: 3,
    });
    expect(vote(evidence, 'category', { ...all, partsOf, allowed: new Set(['a']) })).toEqual({
      candidates: [{ value: 'a', confidence: 1 }],
      voters: 1,
    });
  });

  test('who has a value that no person stands behind counts less, or not at all', () => {
    const evidence = [...voting(['a', 1]), evidenceWith({ weakValues: { category: 'b', priority: 'High' } })];
    const sureness = (weakWeight?: number) => {
      const { candidates, voters } = vote(evidence, 'category', {
        ...all,
        ...(weakWeight !== undefined && { weakWeight }),
      });
      return [voters, ...candidates.map(({ value, confidence }) => [value, confidence])];
    };
    expect(sureness(0.25)).toEqual([2, ['a', 0.8], ['b', 0.2]]);
    expect(sureness(1)).toEqual([2, ['a', 0.5], ['b', 0.5]]);
    expect([sureness(0), sureness()]).toEqual([
      [1, ['a', 1]],
      [1, ['a', 1]],
    ]);
  });

  test('a person’s value counts whole, whatever we had written beside it', () => {
    const both = [evidenceWith({ values: { category: 'a' }, weakValues: { category: 'b' } })];
    expect(vote(both, 'category', { ...all, weakWeight: 0.5 }).candidates).toEqual([{ value: 'a', confidence: 1 }]);
  });

  test('a tie is decided by name, always the same way', () => {
    const candidates = vote(voting(['b', 1], ['a', 1]), 'category', all).candidates;
    expect(candidates.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  test('similarities of nothing give no confidence, and no error', () => {
    expect(vote(voting(['a', 0], ['b', -1]), 'category', { ...all, sharpness: 2 })).toEqual({
      candidates: [
        { value: 'a', confidence: 0 },
        { value: 'b', confidence: 0 },
      ],
      voters: 2,
    });
  });

  test.each(['__proto__', 'constructor', 'toString', '🖨️', '打印', ''])(
    'counts a class called %j like any other',
    (name) => {
      const { candidates, voters } = vote(voting([name, 1], [name, 1], ['other', 1]), 'category', all);
      expect(candidates[0]).toEqual({ value: name, confidence: 2 / 3 });
      expect(voters).toBe(3);
    },
  );

  test('nobody votes for a target only because every object has it', () => {
    expect(vote(voting(['a', 1]), 'constructor', all)).toEqual({ candidates: [], voters: 0 });
    expect(vote(voting(['a', 1]), '__proto__', all)).toEqual({ candidates: [], voters: 0 });
  });

  test('confidences are shares: none negative, all together one, the best first', () => {
    const neighbour = fc.tuple(
      fc.constantFrom('a', 'b', 'c', '__proto__'),
      fc.double({ min: 0.001, max: 50, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(neighbour, { minLength: 1 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (votes, sharpness) => {
          const evidence = voting(...votes).sort((left, right) => right.similarity - left.similarity);
          const shares = vote(evidence, 'category', { sharpness, allowed: null }).candidates.map(
            ({ confidence }) => confidence,
          );
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
          expect(shares).toEqual(shares.toSorted((left, right) => right - left));
          expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
