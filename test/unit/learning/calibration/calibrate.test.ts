import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Calibration,
  CalibrationSchema,
  type Curve,
  PRECISIONS,
} from '../../../../src/domain/playbook/calibration.ts';
import {
  type CalibrateOptions,
  calibrate,
  confidenceAt,
  scoreOf,
} from '../../../../src/learning/calibration/calibrate.ts';
import { cutOffAt } from '../../../../src/learning/calibration/cut-offs.ts';
import { scopeScoreOf } from '../../../../src/learning/calibration/scope.ts';
import type { Trial } from '../../../../src/learning/calibration/trials.ts';
import { SIGNALS } from '../../../../src/learning/signals.ts';

const options = {
  target: 'category',
  rung: 'local',
  signals: SIGNALS,
  isMultiple: true,
  recipe: 'recipe',
  embedder: null,
  doubt: 0.2,
} satisfies CalibrateOptions;

const sigmoid = (logOdds: number) => 1 / (1 + Math.exp(-logOdds));

interface Chance {
  /** How clear the ticket is; the clearer, the likelier the proposal is right. */
  readonly clearness: number;
  readonly luck: number;
  readonly noise: number;
}

/** A proposal that is right as often as `sigmoid(2 · clearness)` says. */
function trialFrom({ clearness, luck, noise }: Chance, parts: Partial<Trial> = {}): Trial {
  const isRight = luck < sigmoid(2 * clearness);
  const likeness = sigmoid(clearness + noise);
  return {
    ticket: `${clearness}-${luck}-${noise}`,
    value: ['printing', 'access', 'email'][Math.floor(noise * 3)] ?? 'printing',
    signals: [clearness, clearness + noise, noise, likeness, likeness, noise > 0.5 ? 1 : 0, likeness, 0.9, -noise],
    isRight,
    isKnown: true,
    created: new Date(Date.UTC(2026, 0, 1) + noise * 1e9).toISOString(),
    likeness,
    isNearestRight: luck < likeness,
    family: { share: sigmoid(clearness), isRight: isRight || luck < 0.9 },
    ...parts,
  };
}

/** The same chances for the same seed (mulberry32, public domain). */
function chances(count: number, seed: number): Chance[] {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: count }, () => ({ clearness: 5 * next() - 2, luck: next(), noise: next() }));
}

const trialsOf = (count: number, seed: number) => chances(count, seed).map((chance) => trialFrom(chance));

function calibrated(trials: readonly Trial[], parts: Partial<typeof options> = {}): Calibration {
  const calibration = calibrate(trials, { ...options, ...parts });
  if (!calibration) throw new Error('nothing to calibrate');
  return calibration;
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const someTrials = fc
  .array(fc.record({ clearness: fc.double({ min: -2, max: 3, noNaN: true }), luck: unit, noise: unit }), {
    minLength: 20,
    maxLength: 120,
  })
  .map((drawn) => drawn.map((chance) => trialFrom(chance)));
const rarely = { numRuns: 20 };

const orInfinite = (cutOff: number | null) => cutOff ?? Number.POSITIVE_INFINITY;

describe('calibrating', () => {
  test('tells what it was measured on', () => {
    const trials = [...trialsOf(99, 1), trialFrom({ clearness: 0, luck: 0, noise: 0 })];
    const right = trials.filter(({ isRight }) => isRight).length;
    const { data, ...rest } = calibrated(trials);
    expect(rest).toMatchObject({ target: 'category', rung: 'local', recipe: 'recipe', doubt: 0.2, signals: SIGNALS });
    expect(data).toMatchObject({ tickets: 100, unknown: 0, from: '2026-01-01T00:00:00.000Z' });
    expect(data.accuracy).toBeCloseTo(right / 100, 6);
    expect(data.to > data.from).toBe(true);
  });

  test.each([
    ['none', []],
    ['too few', trialsOf(19, 1)],
    ['all wrong', trialsOf(100, 1).map((trial) => ({ ...trial, isRight: false }))],
  ])('says nothing when the trials are %s', (_what, trials) => {
    expect(calibrate(trials, options)).toBeNull();
  });

  test('where everything was right promises what so many trials can prove, and no more', () => {
    const flawless = trialsOf(100, 1).map((trial) => ({ ...trial, isRight: true }));
    const calibration = calibrated(flawless);
    const { pooled } = calibration.cutOffs;
    expect(cutOffAt(pooled, 0.99)).toBeNull();
    const cutOff = orInfinite(cutOffAt(pooled, 0.97));
    expect(flawless.filter(({ signals }) => scoreOf(calibration, signals) < cutOff)).toEqual([]);
    expect(JSON.stringify(CalibrationSchema.parse(calibration))).not.toMatch(/NaN|Infinity/);
  });

  test('of the same trials gives the same calibration', () => {
    fc.assert(
      fc.property(someTrials, (trials) => {
        expect(calibrate(structuredClone(trials), options)).toEqual(calibrate(trials, options));
      }),
      rarely,
    );
  });

  test('makes a file that is read as it was written', () => {
    fc.assert(
      fc.property(someTrials, (trials) => {
        const calibration = calibrate(trials, options);
        if (calibration === null) return;
        const file = JSON.stringify(calibration);
        expect(JSON.stringify(CalibrationSchema.parse(JSON.parse(file)))).toBe(file);
        expect(file).not.toMatch(/NaN|Infinity/);
      }),
      rarely,
    );
  });

  test('never asks less of a higher promise', () => {
    fc.assert(
      fc.property(someTrials, unit, unit, (trials, one, other) => {
        const { cutOffs } = calibrate(trials, options) ?? {};
        for (const table of [
          cutOffs?.pooled,
          cutOffs?.parents,
          ...(cutOffs?.classes ?? []).map((own) => own.cutOffs),
        ]) {
          if (!table) continue;
          const low = orInfinite(cutOffAt(table, Math.min(one, other)));
          expect(orInfinite(cutOffAt(table, Math.max(one, other)))).toBeGreaterThanOrEqual(low);
          const all = table.map(orInfinite);
          expect(all).toEqual(all.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0)));
        }
      }),
      rarely,
    );
  });

  test('a clearer ticket is never scored lower', () => {
    const calibration = calibrated(trialsOf(400, 2));
    const scores = [-2, -1, 0, 1, 2, 3].map((clearness) =>
      scoreOf(calibration, trialFrom({ clearness, luck: 0, noise: 0.4 }).signals),
    );
    expect(scores).toEqual(scores.toSorted((one, other) => one - other));
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
  });
});

describe('what is promised', () => {
  const calibration = calibrated(trialsOf(3000, 3));
  const fresh = trialsOf(6000, 4).map((trial) => {
    const score = scoreOf(calibration, trial.signals);
    return { ...trial, score, confidence: confidenceAt(calibration.curve, score) };
  });
  const shareRight = (some: readonly Trial[]) => some.filter(({ isRight }) => isRight).length / some.length;

  test.each([0.7, 0.8, 0.9, 0.95])('is kept on tickets never seen before: %f', (precision) => {
    const cutOff = orInfinite(cutOffAt(calibration.cutOffs.pooled, precision));
    const sure = fresh.filter(({ score }) => score >= cutOff);
    expect(sure.length).toBeGreaterThan(500);
    expect(shareRight(sure)).toBeGreaterThan(precision - 0.02);
  });

  test('is as likely as confidences say', () => {
    for (const [from, to] of [
      [0, 0.3],
      [0.3, 0.6],
      [0.6, 0.85],
      [0.85, 1],
    ] as const) {
      const alike = fresh.filter(({ confidence }) => confidence >= from && confidence < to);
      const mean = alike.reduce((sum, { confidence }) => sum + confidence, 0) / alike.length;
      expect(alike.length).toBeGreaterThan(100);
      expect(Math.abs(shareRight(alike) - mean)).toBeLessThan(0.05);
    }
  });

  test('costs more of the tickets, the less doubt there may be', () => {
    const cutOffWith = (doubt: number) =>
      orInfinite(cutOffAt(calibrated(trialsOf(300, 5), { doubt }).cutOffs.pooled, 0.9));
    expect(cutOffWith(0.01)).toBeGreaterThan(cutOffWith(0.5));
  });

  test('cannot be promised from a coin’s throws', () => {
    const coins = chances(400, 6).map((chance) => trialFrom({ ...chance, clearness: 0 }));
    expect(calibrated(coins).cutOffs.pooled.slice(PRECISIONS.indexOf(0.7))).toEqual(
      PRECISIONS.slice(PRECISIONS.indexOf(0.7)).map(() => null),
    );
  });

  test('is told for classes with enough tickets of their own, the most frequent first', () => {
    const classed = trialsOf(220, 7).map((trial, index) => ({
      ...trial,
      value: index < 100 ? 'access' : index < 160 ? '__proto__' : index < 171 ? 'rare' : 'common',
      isRight: index < 100 ? true : trial.isRight,
    }));
    const { classes } = calibrated(classed).cutOffs;
    expect(classes.map(({ value }) => value)).toEqual(['access', '__proto__']);
    expect(classes[0]).toMatchObject({ right: classes[0]?.tickets });
    const [always, sometimes] = classes.map(({ cutOffs }) => orInfinite(cutOffAt(cutOffs, 0.9)));
    expect(always).toBeLessThan(sometimes ?? 0);
  });

  test('is told for broader values only where there are families enough', () => {
    const alone = trialsOf(200, 8).map((trial) => ({ ...trial, family: null }));
    expect(calibrated(alone).cutOffs.parents).toBeNull();
    expect(calibrated(trialsOf(200, 8)).cutOffs.parents).toHaveLength(PRECISIONS.length);
  });

  test('“the same thing” begins where the nearest ticket is right nine times in ten, and may never begin', () => {
    const from = calibrated(trialsOf(500, 9).map((trial) => ({ ...trial, isNearestRight: trial.likeness > 0.7 })));
    expect(from.similarFrom).toBeGreaterThan(0.5);
    expect(from.similarFrom).toBeLessThanOrEqual(0.71);
    const never = calibrated(trialsOf(200, 9).map((trial) => ({ ...trial, isNearestRight: false })));
    expect(never.similarFrom).toBeNull();
  });
});

describe('tickets like no other', () => {
  /** Hardly a known word, nothing alike, and never right. */
  const strange = (chance: Chance): Trial => {
    const trial = trialFrom({ ...chance, clearness: -1 });
    const signals = trial.signals.map((signal, index) =>
      SIGNALS[index] === 'known' ? 0.2 * chance.noise : SIGNALS[index] === 'likeness' ? 0.1 * chance.luck : signal,
    );
    return { ...trial, signals, isRight: false, isKnown: false };
  };
  const isOut = (calibration: Calibration, { signals }: Trial) =>
    scopeScoreOf(calibration, signals) < calibration.scope.cutOff;
  const shareOut = (calibration: Calibration, trials: readonly Trial[]) =>
    trials.filter((trial) => isOut(calibration, trial)).length / trials.length;

  test('are kept out where there were such tickets to learn from, and the others are not', () => {
    const calibration = calibrated([...trialsOf(300, 10), ...chances(60, 11).map(strange)]);
    expect(calibration.data.unknown).toBe(60);
    expect(calibration.scope.model).not.toBeNull();
    expect(shareOut(calibration, chances(500, 12).map(strange))).toBeGreaterThan(0.88);
    expect(shareOut(calibration, trialsOf(500, 13))).toBeLessThan(0.1);
  });

  test('are told by their unknown words where there were none', () => {
    const calibration = calibrated(trialsOf(300, 10));
    expect(calibration.scope).toMatchObject({ model: null, cutOff: 0.9 });
    expect(shareOut(calibration, chances(100, 12).map(strange))).toBe(1);
    expect(shareOut(calibration, trialsOf(100, 13))).toBe(0);
  });

  test('do not lower what is promised for the others', () => {
    const alone = calibrated(trialsOf(300, 14));
    const among = calibrated([...trialsOf(300, 14), ...chances(100, 15).map(strange)]);
    const fresh = trialsOf(3000, 16).filter((trial) => !isOut(among, trial));
    const acted = (calibration: Calibration) =>
      fresh.filter(
        ({ signals }) => scoreOf(calibration, signals) >= orInfinite(cutOffAt(calibration.cutOffs.pooled, 0.9)),
      );
    expect(acted(among).length).toBeGreaterThan(acted(alone).length * 0.8);
  });
});

describe('confidence', () => {
  const curve: fc.Arbitrary<Curve> = fc.oneof(
    fc.record({
      kind: fc.constant('logistic' as const),
      slope: fc.double({ min: 0, max: 10, noNaN: true }),
      intercept: fc.double({ min: -10, max: 10, noNaN: true }),
    }),
    fc
      .record({
        scores: fc.array(unit, { minLength: 1, maxLength: 8 }),
        values: fc.array(unit, { minLength: 8, maxLength: 8 }),
      })
      .map(({ scores, values }) => {
        const ascending = values.toSorted((one, other) => one - other);
        const knots = scores.toSorted((one, other) => one - other);
        return {
          kind: 'isotonic' as const,
          knots: knots.map((score, index) => ({ score, value: ascending[index] ?? 1 })),
        };
      }),
  );

  test('never falls as the score rises, and is a probability', () => {
    fc.assert(
      fc.property(curve, unit, unit, (drawn, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)].map((score) => confidenceAt(drawn, score));
        expect(high).toBeGreaterThanOrEqual(low ?? 1);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  test('never falls on a curve that was learnt either', () => {
    fc.assert(
      fc.property(someTrials, unit, unit, (trials, one, other) => {
        const calibration = calibrate(trials, options);
        if (!calibration) return;
        const low = confidenceAt(calibration.curve, Math.min(one, other));
        expect(confidenceAt(calibration.curve, Math.max(one, other))).toBeGreaterThanOrEqual(low);
      }),
      rarely,
    );
  });

  test('is read from steps where there is enough to go by, else from one smooth curve', () => {
    expect(calibrated(trialsOf(300, 17)).curve.kind).toBe('logistic');
    expect(calibrated(trialsOf(1000, 17)).curve.kind).toBe('isotonic');
  });

  test('does not rise with the score where the score tells nothing', () => {
    const upsideDown = chances(200, 18).map((chance, index) => trialFrom({ ...chance, clearness: 0, luck: index % 2 }));
    const { curve: flat } = calibrated(upsideDown);
    expect(confidenceAt(flat, 0.9) - confidenceAt(flat, 0.1)).toBeLessThan(0.2);
  });
});

describe('the cut-off for a promise', () => {
  const cutOffs = PRECISIONS.map((precision) => (precision > 0.95 ? null : precision / 2));

  test.each([
    ['nothing', 0, 0],
    ['less than was ever measured', 0.01, 0.25],
    ['a measured precision', 0.9, 0.45],
    ['one between two measured ones', 0.901, 0.4625],
    ['one that was never reached', 0.97, null],
    ['more than was ever measured', 0.995, null],
  ])('for %s is found', (_what, precision, cutOff) => {
    expect(cutOffAt(cutOffs, precision)).toBe(cutOff);
  });
});

describe('unknown tickets that look like all others', () => {
  test('are not kept out at the price of the known ones', () => {
    const blended = trialsOf(400, 5).map((trial, index) => ({ ...trial, isKnown: index % 8 !== 0 }));
    const { scope } = calibrated(blended);
    expect(scope.model).toBeNull();
    const kept = blended.filter(({ signals }) => (signals[SIGNALS.indexOf('known')] ?? 0) >= scope.cutOff);
    expect(kept.length).toBeGreaterThan(blended.length * 0.95);
  });
});
