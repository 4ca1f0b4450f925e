import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verdict } from '../../../src/domain/decision/decision.ts';
import { type Calibration, type Curve, PRECISIONS } from '../../../src/domain/playbook/calibration.ts';
import { SCOPE_SIGNALS, SIGNALS } from '../../../src/learning/signals.ts';
import type { Proposal } from '../../../src/triage/classify.ts';
import { judge } from '../../../src/triage/judge.ts';
import { calibrationWith, issueWith, type PlaybookDraft, playbookWith } from '../../support/fixtures.ts';

const number = fc.double({ min: -20, max: 20, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

const logistic = (inputs: number) => {
  const numbers = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: inputs, maxLength: inputs });
  const scale = fc.double({ min: 0.1, max: 10, noNaN: true });
  return fc.record({ means: numbers(number), scales: numbers(scale), weights: numbers(number), bias: number });
};

/** Never falling, and null from some precision on. */
const cutOffs = fc
  .tuple(fc.array(share, { minLength: PRECISIONS.length, maxLength: PRECISIONS.length }), fc.nat(PRECISIONS.length))
  .map(([scores, reached]) => ascending(scores).map((score, level) => (level < reached ? score : null)));

const curve: fc.Arbitrary<Curve> = fc.oneof(
  fc.record({
    kind: fc.constant('logistic' as const),
    slope: fc.double({ min: 0, max: 5, noNaN: true }),
    intercept: number,
  }),
  fc.array(fc.tuple(share, share), { minLength: 1, maxLength: 6 }).map((points) => {
    const values = ascending(points.map(([, value]) => value));
    const scores = ascending(points.map(([score]) => score));
    return { kind: 'isotonic' as const, knots: scores.map((score, index) => ({ score, value: values[index] ?? 0 })) };
  }),
);

const VALUES = ['narrow', 'narrower', 'broad', 'other'];
const value = fc.constantFrom(...VALUES);
const taxonomies = new Map([
  [
    'category',
    {
      values: {
        narrow: { description: 'd', parent: 'broad' },
        narrower: { description: 'd', parent: 'broad' },
        broad: { description: 'd' },
        other: { description: 'd' },
      },
    },
  ],
]);

const classes = fc.uniqueArray(fc.record({ value, tickets: fc.nat(99), right: fc.nat(99), cutOffs }), {
  selector: (measured) => measured.value,
});
const calibration = fc
  .record({
    score: logistic(SIGNALS.length),
    curve,
    scope: fc.record({ model: fc.option(logistic(SCOPE_SIGNALS.length)), cutOff: share }),
    cutOffs: fc.record({ pooled: cutOffs, classes, parents: fc.option(cutOffs) }),
  })
  .map(calibrationWith);

const precision = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.99, noNaN: true }));

const proposal: fc.Arbitrary<Proposal> = fc.record({
  rung: fc.constantFrom('local' as const, 'neighbours' as const),
  candidates: fc.uniqueArray(fc.record({ value, confidence: share }), { selector: (candidate) => candidate.value }),
  proposed: fc.uniqueArray(
    fc.record({ value, signals: fc.array(number, { minLength: SIGNALS.length, maxLength: SIGNALS.length }) }),
    { selector: (proposed) => proposed.value, maxLength: 3 },
  ),
  hasAllowedValue: fc.constant(true),
  signalsFor: fc.constant(null),
  model: fc.constant(null),
});

interface Setting {
  readonly measured: Calibration | null;
  readonly proposal: Proposal;
  readonly multiple: boolean;
}

const setting: fc.Arbitrary<Setting> = fc.record({
  measured: fc.option(calibration, { freq: 9 }),
  proposal,
  multiple: fc.boolean(),
});

type LabelDraft = Extract<NonNullable<PlaybookDraft['targets']>[string], { kind: 'label' }>;

function verdictAt({ measured, proposal, multiple }: Setting, target: Partial<LabelDraft>): Verdict {
  const playbook = playbookWith({
    targets: { category: { kind: 'label', prefix: 'cat-', multiple, ...target } },
    calibrations: measured ? new Map([['category', measured]]) : new Map(),
  });
  const verdicts = judge(new Map([['category', proposal]]), issueWith(), { ...playbook, taxonomies });
  const verdict = verdicts.get('category');
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

const often = { numRuns: 300 };

test('an excluded class is never a value, whatever the signals', () => {
  fc.assert(
    fc.property(setting, precision, value, (it, targetPrecision, excluded) => {
      const verdict = verdictAt(it, { targetPrecision, classes: { [excluded]: { exclude: true } } });
      if (verdict.kind === 'value') expect(verdict.value.split(' ')).not.toContain(excluded);
    }),
    often,
  );
});

test('a higher promise never turns an abstention into a value', () => {
  fc.assert(
    fc.property(setting, precision, precision, (it, one, other) => {
      const low = verdictAt(it, { targetPrecision: Math.min(one, other) });
      const high = verdictAt(it, { targetPrecision: Math.max(one, other) });
      if (low.kind === 'abstain') expect(high.kind).toBe('abstain');
    }),
    often,
  );
});

test('a higher promise of one class never turns an abstention into a value', () => {
  fc.assert(
    fc.property(setting, value, precision, precision, (it, raised, one, other) => {
      const verdictWith = (targetPrecision: number) =>
        verdictAt(it, { targetPrecision: 0.8, classes: { [raised]: { targetPrecision } } });
      const low = verdictWith(Math.min(one, other));
      const high = verdictWith(Math.max(one, other));
      if (low.kind === 'abstain') expect(high.kind).toBe('abstain');
    }),
    often,
  );
});

test('a single value is as sure as its cut-off or surer, and cut-offs are probabilities', () => {
  fc.assert(
    fc.property(setting, precision, (it, targetPrecision) => {
      const verdict = verdictAt({ ...it, multiple: false }, { targetPrecision });
      if (verdict.kind === 'value') expect(verdict.confidence).toBeGreaterThanOrEqual(verdict.cutOff);
      expect(verdict.cutOff).toBeGreaterThanOrEqual(0);
      expect(verdict.cutOff).toBeLessThanOrEqual(1);
    }),
    often,
  );
});
