import type { Calibration, Curve } from '../domain/calibration.ts';
import { cutOffAt, cutOffsOf, ownCutOffs, parentCutOffs } from './cut-offs.ts';
import { fitLogistic, type Logistic, probabilityOf, sigmoid } from './logistic.ts';
import { SCOPE_SIGNALS, SIGNALS } from './signals.ts';
import { interpolate, isotonic, sixDecimals } from './statistics.ts';

/** One proposal for a ticket later than everything the classifier had learnt from, and what people ended with. */
export interface Trial {
  /** Id of the ticket; several proposals for one ticket share it. */
  readonly ticket: string;
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
  /** The model whose vectors took part in retrieval, null for keywords alone. */
  readonly embedder: string | null;
  /** One-sided doubt in every promised precision, for example 0.2. */
  readonly doubt: number;
}

/** Pulls the weights of nine signals towards zero; measured to matter below a few hundred tickets. */
const RIDGE = 8;
const FOLDS = 5;
const MIN_TRIALS = 20;
/** Below this an isotonic curve follows the noise (Niculescu-Mizil & Caruana 2005). */
const MIN_ISOTONIC = 1_000;
/** Fewer unknown tickets than this tell nothing about what unknown tickets look like. */
const MIN_UNKNOWN = 30;
/** Share of unknown tickets that may pass for known, as long as that does not cost more than this share of the known. */
const UNKNOWN_PASSED = 0.08;
const KNOWN_LOST = 0.15;
/** Without unknown tickets to learn from: this share of the strangest tickets counts as out of scope. */
const STRANGEST = 0.01;
const KNOWN = SIGNALS.indexOf('known');

/**
 * Learns from trials how far proposals can be trusted. Scores are cross-fitted: no trial is judged by what was fitted to
 * it. Null when there are too few trials (under 20) to say anything, or none was right.
 */
export function calibrate(
  trials: readonly Trial[],
  { target, recipe, embedder, doubt }: CalibrateOptions,
): Calibration | null {
  const right = trials.filter(({ isRight }) => isRight).length;
  if (trials.length < MIN_TRIALS || right === 0) return null;
  const rows = trials.map(({ signals }) => signals);
  const outcomes = trials.map(({ isRight }) => isRight);
  const scores = crossFitted(trials, rows, (members) =>
    fitLogistic(pick(rows, members), pick(outcomes, members), { ridge: RIDGE }),
  );
  const scope = scopeOf(trials);
  const judged = trials
    .map((trial, index) => ({ ...trial, score: scores[index] ?? 0 }))
    .filter((_, index) => (scope.scores[index] ?? 0) >= scope.cutOff);
  const own = { pooled: [...cutOffsOf(judged, doubt / 2)], classes: ownCutOffs(judged, doubt) };
  return {
    target,
    rung: 'local',
    data: dataOf(trials, right),
    recipe,
    embedder,
    doubt,
    signals: [...SIGNALS],
    score: rounded(fitLogistic(rows, outcomes, { ridge: RIDGE })),
    curve: curveOf(scores, outcomes),
    scope: { model: scope.model && rounded(scope.model), cutOff: scope.cutOff },
    cutOffs: { ...own, parents: parentCutOffs(judged, own, doubt) },
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
  return sigmoid(curve.slope * logit(score) + curve.intercept);
}

/** How much a ticket is like the past ones; below `scope.cutOff` it is out of scope. */
export function scopeScoreOf({ scope }: Calibration, signals: readonly number[]): number {
  return scope.model ? probabilityOf(scope.model, scopeSignals(signals)) : (signals[KNOWN] ?? 0);
}

/** Where the nearest ticket can be called "the same thing": it shares the value nine times in ten. */
function similarFrom(trials: readonly Trial[], doubt: number): number | null {
  const nearest = trials.map(({ likeness, isNearestRight }) => ({ score: likeness, isRight: isNearestRight }));
  return cutOffAt(cutOffsOf(nearest, doubt), 0.9);
}

interface Scope {
  readonly model: Logistic | null;
  readonly scores: readonly number[];
  readonly cutOff: number;
}

/** What tells known tickets from unknown ones, and the score that lets few enough unknown ones pass. */
function scopeOf(trials: readonly Trial[]): Scope {
  const rows = trials.map(({ signals }) => scopeSignals(signals));
  const known = trials.map(({ isKnown }) => isKnown);
  const unknown = known.filter((isKnown) => !isKnown).length;
  if (unknown < MIN_UNKNOWN || unknown === trials.length) return strangest(trials);
  const balance = (trials.length - unknown) / unknown;
  const fitOn = (members: readonly number[]) =>
    fitLogistic(pick(rows, members), pick(known, members), {
      ridge: RIDGE,
      weights: members.map((member) => (known[member] ? 1 : balance)),
    });
  const scores = crossFitted(trials, rows, fitOn);
  const scoresOf = (isKnown: boolean) => scores.filter((_, index) => known[index] === isKnown);
  const cutOff = sixDecimals(quantile(scoresOf(false), 1 - UNKNOWN_PASSED), Math.ceil);
  const lost = scoresOf(true).filter((score) => score < cutOff).length / scoresOf(true).length;
  // Unknown tickets that look like all others cannot be told apart; keeping them out would keep everything out.
  return lost > KNOWN_LOST ? strangest(trials) : { model: fitOn([...rows.keys()]), scores, cutOff };
}

/** The few tickets with the fewest known words, for want of something better. */
function strangest(trials: readonly Trial[]): Scope {
  const scores = trials.map(({ signals }) => signals[KNOWN] ?? 0);
  return { model: null, scores, cutOff: sixDecimals(quantile(scores, STRANGEST), Math.floor) };
}

/**
 * Every row's score by a model that was fitted without its ticket; tickets keep their fold by position, so that runs
 * agree.
 */
function crossFitted(
  trials: readonly Trial[],
  rows: readonly (readonly number[])[],
  fitOn: (members: readonly number[]) => Logistic,
): number[] {
  const places = new Map([...new Set(trials.map(({ ticket }) => ticket))].map((ticket, place) => [ticket, place]));
  const folds = trials.map(({ ticket }) => (places.get(ticket) ?? 0) % FOLDS);
  const models = Array.from({ length: FOLDS }, (_, fold) =>
    fitOn([...rows.keys()].filter((index) => folds[index] !== fold)),
  );
  return rows.map((row, index) => {
    const model = models[folds[index] ?? 0];
    return model ? probabilityOf(model, row) : 0;
  });
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
      score: sixDecimals(score),
      value: sixDecimals(value),
    }));
    return { kind: 'isotonic', knots };
  }
  const { means, scales, weights, bias } = fitLogistic(
    scores.map((score) => [logit(score)]),
    outcomes,
    { ridge: 1 },
  );
  const slope = Math.max((weights[0] ?? 0) / (scales[0] ?? 1), 0);
  return { kind: 'logistic', slope: sixDecimals(slope), intercept: sixDecimals(bias - slope * (means[0] ?? 0)) };
}

function dataOf(trials: readonly Trial[], right: number): Calibration['data'] {
  const created = trials.map((trial) => trial.created).sort();
  return {
    tickets: countTickets(trials),
    unknown: countTickets(trials.filter(({ isKnown }) => !isKnown)),
    from: created[0] ?? '',
    to: created.at(-1) ?? '',
    accuracy: sixDecimals(right / trials.length),
  };
}

function countTickets(trials: readonly Trial[]): number {
  return new Set(trials.map(({ ticket }) => ticket)).size;
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
  return {
    means: means.map((value) => sixDecimals(value)),
    scales: scales.map((value) => sixDecimals(value)),
    weights: weights.map((value) => sixDecimals(value)),
    bias: sixDecimals(bias),
  };
}

function logit(score: number): number {
  const inside = Math.min(Math.max(score, 1e-6), 1 - 1e-6);
  return Math.log(inside / (1 - inside));
}
