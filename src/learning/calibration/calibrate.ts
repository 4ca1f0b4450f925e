import type { EndpointName } from '../../domain/decision/question.ts';
import type { Calibration, Curve } from '../../domain/playbook/calibration.ts';
import { holdsSeveral, type Target } from '../../domain/playbook/target.ts';
import { MODEL_SIGNALS, SIGNALS } from '../signals.ts';
import { interpolate, isotonic, sixDecimals } from '../statistics.ts';
import { cutOffAt, cutOffsOf, ownCutOffs, parentCutOffs } from './cut-offs.ts';
import { fitLogistic, type Logistic, probabilityOf, sigmoid } from './logistic.ts';
import { scopeOf } from './scope.ts';
import { crossFitted, pick, RIDGE, type Trial } from './trials.ts';

/** Names and manner of the local classifier's trials. */
export function localManner(target: Target): Pick<CalibrateOptions, 'target' | 'rung' | 'signals' | 'isMultiple'> {
  return { target: target.name, rung: 'local', signals: SIGNALS, isMultiple: holdsSeveral(target) };
}

/** The same for what a model says between it and the local classifier. */
export function modelManner(target: Target, endpoint: EndpointName): ReturnType<typeof localManner> {
  return { target: target.name, rung: endpoint, signals: MODEL_SIGNALS, isMultiple: holdsSeveral(target) };
}

export interface CalibrateOptions {
  readonly target: string;
  readonly rung: Calibration['rung'];
  /** What the signals of the trials are called. */
  readonly signals: readonly string[];
  /** Whether several values of a ticket may stand side by side; else only the likeliest of a ticket's trials counts. */
  readonly isMultiple: boolean;
  readonly recipe: string;
  /** The model whose vectors took part in retrieval, null for keywords alone. */
  readonly embedder: string | null;
  /** One-sided doubt in every promised precision, for example 0.2. */
  readonly doubt: number;
}

const MIN_TRIALS = 20;
/** Below this an isotonic curve follows the noise (Niculescu-Mizil & Caruana 2005). */
const MIN_ISOTONIC = 1_000;
/**
 * Learns from trials how far proposals can be trusted. Scores are cross-fitted: no trial is judged by what was fitted to
 * it. Null when there are too few trials (under 20) to say anything, or none was right.
 */
export function calibrate(
  trials: readonly Trial[],
  { target, rung, signals: names, isMultiple, recipe, embedder, doubt }: CalibrateOptions,
): Calibration | null {
  if (trials.length < MIN_TRIALS || !trials.some(({ isRight }) => isRight)) return null;
  const rows = trials.map(({ signals }) => signals);
  const outcomes = trials.map(({ isRight }) => isRight);
  const scores = crossFitted(trials, rows, (members) =>
    fitLogistic(pick(rows, members), pick(outcomes, members), { ridge: RIDGE }),
  );
  const scope = scopeOf(trials);
  const scored = trials.map((trial, index) => ({
    ...trial,
    score: scores[index] ?? 0,
    isInScope: (scope.scores[index] ?? 0) >= scope.cutOff,
  }));
  const chosen = isMultiple ? scored : bestOfEach(scored);
  const judged = chosen.filter(({ isInScope }) => isInScope);
  const own = { pooled: [...cutOffsOf(judged, doubt / 2)], classes: ownCutOffs(judged, doubt) };
  return {
    target,
    rung,
    data: dataOf(chosen),
    recipe,
    embedder,
    doubt,
    signals: [...names],
    score: rounded(fitLogistic(rows, outcomes, { ridge: RIDGE })),
    curve: curveOf(
      chosen.map(({ score }) => score),
      chosen.map(({ isRight }) => isRight),
    ),
    scope: { model: scope.model && rounded(scope.model), cutOff: scope.cutOff },
    cutOffs: { ...own, parents: parentCutOffs(judged, own, doubt) },
    similarFrom: similarFrom(chosen, doubt),
  };
}

/** The score of a proposal, 0 to 1; what cut-offs are compared with. */
export function scoreOf({ score }: Calibration, signals: readonly number[]): number {
  return probabilityOf(score, signals);
}

/** The proposal with the highest score, alone; among equals the first. */
export function likeliest<Proposed extends { readonly signals: readonly number[] }>(
  proposed: readonly Proposed[],
  calibration: Calibration,
): readonly Proposed[] {
  const scores = proposed.map(({ signals }) => scoreOf(calibration, signals));
  const most = Math.max(...scores);
  return proposed.filter((_, index) => scores[index] === most).slice(0, 1);
}

/** The probability that a proposal with this score is right. Never falls as the score rises. */
export function confidenceAt(curve: Curve, score: number): number {
  if (curve.kind === 'isotonic') return interpolate(curve.knots, score);
  return sigmoid(curve.slope * logit(score) + curve.intercept);
}

/** Where the nearest ticket can be called "the same thing": it shares the value nine times in ten. */
function similarFrom(trials: readonly Trial[], doubt: number): number | null {
  const nearest = trials.map(({ likeness, isNearestRight }) => ({ score: likeness, isRight: isNearestRight }));
  return cutOffAt(cutOffsOf(nearest, doubt), 0.9);
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

/** Each ticket's likeliest trial; among equals the first. */
function bestOfEach<Scored extends Trial & { readonly score: number }>(trials: readonly Scored[]): Scored[] {
  const best = new Map<string, Scored>();
  for (const trial of trials) {
    const other = best.get(trial.ticket);
    if (!other || trial.score > other.score) best.set(trial.ticket, trial);
  }
  return [...best.values()];
}

function dataOf(trials: readonly Trial[]): Calibration['data'] {
  const right = trials.filter(({ isRight }) => isRight).length;
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
