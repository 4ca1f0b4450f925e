import { type Calibration, type Curve, type CutOffs, PRECISIONS } from '../domain/calibration.ts';
import { fitLogistic, type Logistic, probabilityOf } from './logistic.ts';
import { SCOPE_SIGNALS, SIGNALS } from './signals.ts';
import { interpolate, isotonic, lowerBound } from './statistics.ts';

/** One proposal for a ticket later than everything the classifier had learnt from, and what people ended with. */
export interface Trial {
  readonly value: string;
  readonly signals: readonly number[];
  readonly isRight: boolean;
  /** Whether the classifier could have known the true value. */
  readonly isKnown: boolean;
  /** ISO 8601. */
  readonly created: string;
  readonly likeness: number;
  /** Whether the nearest past ticket has the true value. */
  readonly isNearestRight: boolean;
  /** Joint probability of the value's family and whether the truth is in it; null without a parent value. */
  readonly family: { readonly share: number; readonly isRight: boolean } | null;
}

export interface CalibrateOptions {
  readonly target: string;
  readonly recipe: string;
  /** One-sided doubt in every promised precision, for example 0.2. */
  readonly doubt: number;
}

/** Pulls the weights of nine signals towards zero; measured to matter below a few hundred tickets. */
const RIDGE = 8;
const FOLDS = 5;
const MIN_TRIALS = 20;
/** Below this an isotonic curve follows the noise (Niculescu-Mizil & Caruana 2005). */
const MIN_ISOTONIC = 1_000;
/** A class needs so many trials of its own before its own cut-offs are believed. */
const MIN_OWN = 50;
/** Fewer unknown tickets than this tell nothing about what unknown tickets look like. */
const MIN_UNKNOWN = 30;
/** Share of unknown tickets that may pass for known. */
const UNKNOWN_PASSED = 0.08;
/** Without unknown tickets to learn from: this share of the strangest tickets counts as out of scope. */
const STRANGEST = 0.01;
const KNOWN = SIGNALS.indexOf('known');

/**
 * Learns from trials how far proposals can be trusted. Scores are cross-fitted: no trial is judged by what was fitted to
 * it. Null when there are too few trials (under 20) to say anything, or none was right.
 */
export function calibrate(trials: readonly Trial[], { target, recipe, doubt }: CalibrateOptions): Calibration | null {
  const right = trials.filter(({ isRight }) => isRight).length;
  if (trials.length < MIN_TRIALS || right === 0) return null;
  const rows = trials.map(({ signals }) => signals);
  const outcomes = trials.map(({ isRight }) => isRight);
  const scores = crossFitted(rows, (members) =>
    fitLogistic(pick(rows, members), pick(outcomes, members), { ridge: RIDGE }),
  );
  const scope = scopeOf(trials);
  const judged = trials
    .map((trial, index) => ({ ...trial, score: scores[index] ?? 0 }))
    .filter((_, index) => (scope.scores[index] ?? 0) >= scope.cutOff);
  return {
    target,
    rung: 'local',
    data: dataOf(trials, right),
    recipe,
    doubt,
    signals: [...SIGNALS],
    score: rounded(fitLogistic(rows, outcomes, { ridge: RIDGE })),
    curve: curveOf(scores, outcomes),
    scope: { model: scope.model && rounded(scope.model), cutOff: scope.cutOff },
    cutOffs: {
      pooled: [...cutOffsOf(judged, doubt / 2)],
      classes: ownCutOffs(judged, doubt),
      parents: parentCutOffs(trials, doubt),
    },
    similarFrom: similarFrom(trials, doubt),
  };
}

/** The score of a proposal, 0 to 1; what cut-offs are compared with. */
export function scoreOf({ score }: Calibration, signals: readonly number[]): number {
  return probabilityOf(score, signals);
}

/** The probability that a proposal with this score is right. Never falls as the score rises. */
export function confidenceAt(curve: Curve, score: number): number {
  if (curve.kind === 'isotonic') return interpolate(curve.knots, score);
  return logistic(curve.slope * logit(score) + curve.intercept);
}

/** How much a ticket is like the past ones; below `scope.cutOff` it is out of scope. */
export function scopeScoreOf({ scope }: Calibration, signals: readonly number[]): number {
  return scope.model ? probabilityOf(scope.model, scopeSignals(signals)) : (signals[KNOWN] ?? 0);
}

/** The cut-off for a wanted precision, rounded up to the next of `PRECISIONS`; null: nothing is sure enough. 0 wants nothing. */
export function cutOffAt(cutOffs: CutOffs, precision: number): number | null {
  if (precision === 0) return 0;
  const index = PRECISIONS.findIndex((candidate) => candidate >= precision);
  return cutOffs[index] ?? null;
}

/** For each of `PRECISIONS` the lowest score from which on the lower bound of the precision holds it. */
function cutOffsOf(trials: readonly { readonly score: number; readonly isRight: boolean }[], doubt: number): CutOffs {
  const sorted = [...trials].sort((one, other) => other.score - one.score);
  const cutOffs: (number | null)[] = PRECISIONS.map(() => null);
  let right = 0;
  for (const [index, { score, isRight }] of sorted.entries()) {
    if (isRight) right++;
    if (sorted[index + 1]?.score === score) continue;
    const bound = lowerBound(right, index + 1, doubt);
    for (const [level, precision] of PRECISIONS.entries()) if (bound >= precision) cutOffs[level] = floor(score);
  }
  return cutOffs;
}

function ownCutOffs(
  trials: readonly (Trial & { readonly score: number })[],
  doubt: number,
): Calibration['cutOffs']['classes'] {
  const byValue = Map.groupBy(trials, ({ value }) => value);
  return [...byValue]
    .filter(([, own]) => own.length >= MIN_OWN)
    .sort(([one, ones], [other, others]) => others.length - ones.length || (one < other ? -1 : 1))
    .map(([value, own]) => ({
      value,
      tickets: own.length,
      right: own.filter(({ isRight }) => isRight).length,
      cutOffs: [...cutOffsOf(own, doubt)],
    }));
}

function parentCutOffs(trials: readonly Trial[], doubt: number): (number | null)[] | null {
  const families = trials.flatMap(({ family }) => (family ? [{ score: family.share, isRight: family.isRight }] : []));
  return families.length < MIN_OWN ? null : [...cutOffsOf(families, doubt)];
}

/** Where the nearest ticket can be called "the same thing": it shares the value nine times in ten. */
function similarFrom(trials: readonly Trial[], doubt: number): number | null {
  const nearest = trials.map(({ likeness, isNearestRight }) => ({ score: likeness, isRight: isNearestRight }));
  return cutOffAt(cutOffsOf(nearest, doubt), 0.9);
}

/** What tells known tickets from unknown ones, and the score that lets few enough unknown ones pass. */
function scopeOf(trials: readonly Trial[]) {
  const rows = trials.map(({ signals }) => scopeSignals(signals));
  const known = trials.map(({ isKnown }) => isKnown);
  const unknown = known.filter((isKnown) => !isKnown).length;
  if (unknown < MIN_UNKNOWN || unknown === trials.length) {
    const scores = trials.map(({ signals }) => signals[KNOWN] ?? 0);
    return { model: null, scores, cutOff: floor(quantile(scores, STRANGEST)) };
  }
  const balance = (trials.length - unknown) / unknown;
  const fitOn = (members: readonly number[]) =>
    fitLogistic(pick(rows, members), pick(known, members), {
      ridge: RIDGE,
      weights: members.map((member) => (known[member] ? 1 : balance)),
    });
  const scores = crossFitted(rows, fitOn);
  const strange = scores.filter((_, index) => !known[index]);
  return { model: fitOn([...rows.keys()]), scores, cutOff: ceil(quantile(strange, 1 - UNKNOWN_PASSED)) };
}

/** Every row's score by a model that was fitted without it; rows keep their fold by position, so that runs agree. */
function crossFitted(rows: readonly (readonly number[])[], fitOn: (members: readonly number[]) => Logistic): number[] {
  const scores = new Array<number>(rows.length).fill(0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const model = fitOn([...rows.keys()].filter((index) => index % FOLDS !== fold));
    for (let index = fold; index < rows.length; index += FOLDS) scores[index] = probabilityOf(model, rows[index] ?? []);
  }
  return scores;
}

/** Isotonic where there is enough to go by, else Platt's logistic curve (Platt 1999). */
function curveOf(scores: readonly number[], outcomes: readonly boolean[]): Curve {
  if (scores.length >= MIN_ISOTONIC) {
    const points = scores.map((score, index) => ({ score, weight: 1, target: outcomes[index] ? 1 : 0 }));
    // Half a case against each end: nothing is ever certain.
    const doubts = [
      { score: 1, weight: 0.5, target: 0 },
      { score: 0, weight: 0.5, target: 1 },
    ];
    const knots = isotonic([...points, ...doubts]).map(({ score, value }) => ({
      score: round(score),
      value: round(value),
    }));
    return { kind: 'isotonic', knots };
  }
  const { means, scales, weights, bias } = fitLogistic(
    scores.map((score) => [logit(score)]),
    outcomes,
    { ridge: 1 },
  );
  const slope = Math.max((weights[0] ?? 0) / (scales[0] ?? 1), 0);
  return { kind: 'logistic', slope: round(slope), intercept: round(bias - slope * (means[0] ?? 0)) };
}

function dataOf(trials: readonly Trial[], right: number): Calibration['data'] {
  const created = trials.map((trial) => trial.created).sort();
  return {
    tickets: trials.length,
    unknown: trials.filter(({ isKnown }) => !isKnown).length,
    from: created[0] ?? '',
    to: created.at(-1) ?? '',
    accuracy: round(right / trials.length),
  };
}

function scopeSignals(signals: readonly number[]): number[] {
  return SCOPE_SIGNALS.map((position) => signals[position] ?? 0);
}

function pick<Item>(items: readonly Item[], members: readonly number[]): Item[] {
  return members.flatMap((member) => {
    const item = items[member];
    return item === undefined ? [] : [item];
  });
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}

function rounded({ means, scales, weights, bias }: Logistic): Logistic {
  return { means: means.map(round), scales: scales.map(round), weights: weights.map(round), bias: round(bias) };
}

const DIGITS = 1e6;
const round = (value: number) => Math.round(value * DIGITS) / DIGITS;
const floor = (value: number) => Math.floor(value * DIGITS) / DIGITS;
const ceil = (value: number) => Math.ceil(value * DIGITS) / DIGITS;

function logit(score: number): number {
  const inside = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
  return Math.log(inside / (1 - inside));
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
