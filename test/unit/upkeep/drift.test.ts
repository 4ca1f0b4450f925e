import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DecidedShape } from '../../../src/domain/ports/ledger.ts';
import { driftBetween, lookForDrift } from '../../../src/upkeep/drift.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { abstains, decisionWith, playbookWith, says } from '../../support/fixtures.ts';

const { drift: limits } = playbookWith();

/** Decisions on one target. */
function shape(
  values: Readonly<Record<string, number>>,
  { decisions = 0, abstained = 0, unknownWords = null }: Partial<DecidedShape> & { abstained?: number } = {},
): DecidedShape {
  const said = Object.values(values).reduce((sum, count) => sum + count, 0);
  const all = Math.max(decisions, said);
  return { decisions: all, unknownWords, targets: { category: { decisions: all, abstained, values } } };
}

const alarms = (recent: DecidedShape, reference: DecidedShape) =>
  driftBetween(recent, reference, limits)
    .filter(({ isAlarm }) => isAlarm)
    .map(({ target, signal }) => `${target} ${signal}`);

describe('the shift of what is decided', () => {
  test('is the population stability index', () => {
    const [first] = driftBetween(shape({ a: 700, b: 300 }), shape({ a: 500, b: 500 }), limits);
    // (0.7 − 0.5) · ln(0.7 / 0.5) + (0.3 − 0.5) · ln(0.3 / 0.5)
    expect(first).toMatchObject({ target: 'category', signal: 'shift', limit: 0.25, isAlarm: false });
    expect(first?.value).toBeCloseTo(0.16946, 3);
  });

  test('is none between times that are alike, and an alarm when values change places', () => {
    expect(alarms(shape({ a: 70, b: 30 }), shape({ a: 280, b: 120 }))).toEqual([]);
    expect(alarms(shape({ a: 30, b: 70 }), shape({ a: 280, b: 120 }))).toEqual(['category shift']);
  });

  test('is an alarm when a value appears or vanishes altogether', () => {
    expect(alarms(shape({ a: 100, 'neu 新': 60 }), shape({ a: 400 }))).toEqual(['category shift']);
    expect(alarms(shape({ a: 100 }), shape({ a: 240, b: 160 }))).toEqual(['category shift']);
  });

  test('is finite, never negative, and the same in both directions', () => {
    const counts = fc.dictionary(fc.string(), fc.nat({ max: 500 }), { maxKeys: 12 });
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const there = driftBetween(shape(one), shape(other), { ...limits, minDecisions: 1 });
        const back = driftBetween(shape(other), shape(one), { ...limits, minDecisions: 1 });
        for (const [index, { value, limit }] of there.entries()) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(value) && Number.isFinite(limit)).toBe(true);
          expect(back[index]?.value).toBeCloseTo(value, 9);
        }
      }),
    );
  });

  test('raises hardly any alarm by chance alone, however many values there are', () => {
    const random = randomFrom(7);
    const draw = (count: number, classes: number) => {
      const values: Record<string, number> = {};
      for (let left = count; left > 0; left--) {
        // Few common and many rare values, as on a desk.
        const value = `v${Math.floor(classes * random() ** 2)}`;
        values[value] = (values[value] ?? 0) + 1;
      }
      return shape(values);
    };
    let [raised, plain] = [0, 0];
    for (let look = 0; look < 2_000; look++) {
      const drifts = driftBetween(draw(60, 30), draw(240, 30), limits);
      raised += drifts.filter(({ isAlarm }) => isAlarm).length;
      plain += drifts.filter(({ value }) => value > limits.maxShift).length;
    }
    expect(plain).toBeGreaterThan(1_000);
    expect(raised).toBeLessThan(20);
  });
});

describe('the share that abstains', () => {
  test('is an alarm when it jumps', () => {
    const before = shape({ a: 400 }, { abstained: 80 });
    expect(alarms(shape({ a: 100 }, { abstained: 25 }), before)).toEqual([]);
    expect(alarms(shape({ a: 100 }, { abstained: 60 }), before)).toEqual(['category abstentions']);
  });

  test('needs a larger jump where chance could make it', () => {
    const [, few] = driftBetween(shape({ a: 50 }, { abstained: 34 }), shape({ a: 50 }, { abstained: 25 }), limits);
    expect(few).toMatchObject({ signal: 'abstentions', isAlarm: false });
    expect(few?.value).toBeCloseTo(0.18);
    expect(few?.limit).toBeGreaterThan(limits.maxDifference);
  });
});

test('a target that was switched on not long ago is held against the decisions about it, not against all', () => {
  const about = (decisions: number, abstained: number) => ({ decisions, abstained, values: { a: decisions } });
  const recent = { decisions: 200, unknownWords: null, targets: { category: about(200, 120) } };
  const since = (decisions: number, abstained: number) => ({
    decisions: 800,
    unknownWords: null,
    targets: { category: about(decisions, abstained) },
  });
  expect(alarms(recent, since(100, 60))).toEqual([]);
  expect(alarms(recent, since(100, 10))).toEqual(['category abstentions']);
  expect(alarms(recent, since(limits.minDecisions - 1, 0))).toEqual([]);
});

test('words never seen are an alarm when their share changes, and nothing where no classifier counted them', () => {
  const before = shape({ a: 400 }, { unknownWords: 0.1 });
  expect(alarms(shape({ a: 100 }, { unknownWords: 0.3 }), before)).toEqual(['null unknown-words']);
  expect(alarms(shape({ a: 100 }, { unknownWords: 0.2 }), before)).toEqual([]);
  expect(alarms(shape({ a: 100 }), before)).toEqual([]);
});

test('too few decisions, and targets that were not decided before, say nothing', () => {
  expect(driftBetween(shape({ a: 49 }), shape({ b: 400 }), limits)).toEqual([]);
  expect(driftBetween(shape({ a: 400 }), shape({ b: 49 }), limits)).toEqual([]);
  const { decisions, unknownWords } = shape({ a: 100 });
  const hostile = ['__proto__', 'constructor'].map(
    (name) => [name, { decisions: 100, abstained: 9, values: { a: 91 } }] as const,
  );
  const other = { decisions, unknownWords, targets: Object.fromEntries(hostile) };
  expect(driftBetween(other, shape({ a: 100 }), limits)).toEqual([]);
});

test('the last week is held against the four weeks before, for targets decided from evidence', async () => {
  const now = new Date('2026-06-01T00:00:00Z');
  const clock = { now: () => now };
  const ledger = ledgerFake(clock);
  const decide = async (daysAgo: number, verdict: ReturnType<typeof says>) => {
    const decidedAt = new Date(now.getTime() - daysAgo * 24 * 3600 * 1000).toISOString();
    await ledger.recordDecision(decisionWith({ decidedAt, verdicts: { category: verdict, assignee: verdict } }));
  };
  for (let index = 0; index < 60; index++) {
    await decide(1 + (index % 6), says('network'));
    await decide(8 + (index % 27), says('access'));
    await decide(40, says('network'));
  }
  const drifts = await lookForDrift(playbookWith(), { ledger, clock });
  expect(drifts.map(({ target, signal, isAlarm }) => [target, signal, isAlarm])).toEqual([
    ['category', 'shift', true],
    ['category', 'abstentions', false],
  ]);
  for (let index = 0; index < 60; index++) await decide(1, abstains('thin-data'));
  const [, abstentions] = await lookForDrift(playbookWith(), { ledger, clock });
  expect(abstentions).toMatchObject({ signal: 'abstentions', value: 0.5, isAlarm: true });
});

/** Mulberry32: the same numbers in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
