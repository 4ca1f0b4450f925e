import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RecentWork, rankResolvers, type SimilarWork } from '../../../src/learning/resolvers.ts';

function recent(person: string, parts: Partial<RecentWork> = {}): RecentWork {
  return { person, weight: 1, ageDays: 1, isSameReporter: false, isSameComponent: false, isOwn: false, ...parts };
}

function order(similar: readonly SimilarWork[], work: readonly RecentWork[], reporter: string | null = null): string[] {
  return rankResolvers(similar, work, reporter).map(({ person }) => person);
}

describe('rankResolvers', () => {
  test('ranks nobody where nobody did anything', () => {
    expect(rankResolvers([], [], 'ada')).toEqual([]);
  });

  test('puts who solved the most similar tickets first', () => {
    const similar = [
      { person: 'ada', similarity: 0.9 },
      { person: 'ben', similarity: 0.5 },
      { person: 'ben', similarity: 0.3 },
    ];
    expect(order(similar, [])).toEqual(['ada', 'ben']);
  });

  test('new work counts more than old work', () => {
    expect(order([], [recent('ada', { ageDays: 400 }), recent('ada', { ageDays: 400 }), recent('ben')])).toEqual([
      'ben',
      'ada',
    ]);
  });

  test('who always helps this reporter comes before who is merely busy', () => {
    const busy = Array.from({ length: 6 }, () => recent('ada'));
    expect(
      order([], [...busy, recent('ben', { isSameReporter: true }), recent('ben', { isSameReporter: true })]),
    ).toEqual(['ben', 'ada']);
  });

  test('who knows the component comes before who does not, all else being equal', () => {
    expect(order([], [recent('ada'), recent('ben', { isSameComponent: true })])).toEqual(['ben', 'ada']);
  });

  test('where people finish what they report, so may a reporter who never finished anything', () => {
    const own = [recent('ada', { isOwn: true }), recent('ben', { isOwn: true }), recent('ada', { isOwn: true })];
    expect(order([], own, 'cleo')[0]).toBe('cleo');
    expect(order([], own)).not.toContain('cleo');
  });

  test('a reporter who finishes nothing at a desk that works for others is not ranked', () => {
    expect(order([], [recent('ada'), recent('ben')], 'cleo')).toEqual(['ada', 'ben']);
  });

  test('what is known of a reporter outweighs what people do in general', () => {
    const own = Array.from({ length: 5 }, () => recent('ada', { isOwn: true }));
    const helped = Array.from({ length: 4 }, () => recent('ben', { isSameReporter: true }));
    expect(order([], [...own, ...helped], 'cleo')).toEqual(['ben', 'ada', 'cleo']);
  });

  test('work that we gave out ourselves counts less, or nothing', () => {
    const ours = [recent('ada', { weight: 0.25 }), recent('ada', { weight: 0.25 }), recent('ben')];
    expect(order([], ours)).toEqual(['ben', 'ada']);
    expect(rankResolvers([], [recent('ada', { weight: 0 })], null)).toEqual([]);
  });

  test('at the same score the order is that of the account ids, however the work arrived', () => {
    const work = fc.array(
      fc.record({
        person: fc.constantFrom('ada', 'ben', '__proto__', 'constructor'),
        weight: fc.constantFrom(0.25, 1),
        ageDays: fc.double({ min: 0, max: 5_000, noNaN: true }),
        isSameReporter: fc.boolean(),
        isSameComponent: fc.boolean(),
        isOwn: fc.boolean(),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(work, (list) => {
        const ranked = rankResolvers([], list, null);
        const people = new Set(list.map(({ person }) => person));
        expect(new Set(ranked.map(({ person }) => person))).toEqual(people);
        for (const { score } of ranked) expect(score).toBeGreaterThanOrEqual(0);
        for (const [index, { score }] of ranked.entries())
          expect(score).toBeLessThanOrEqual(ranked[index - 1]?.score ?? Number.POSITIVE_INFINITY);
      }),
    );
  });
});
