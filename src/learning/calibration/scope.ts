import type { Calibration } from '../../domain/playbook/calibration.ts';
import { SCOPE_SIGNALS, SIGNALS } from '../signals.ts';
import { sixDecimals } from '../statistics.ts';
import { fitLogistic, type Logistic, probabilityOf } from './logistic.ts';
import { crossFitted, pick, RIDGE, type Trial } from './trials.ts';

/** Fewer unknown tickets than this tell nothing about what unknown tickets look like. */
const MIN_UNKNOWN = 30;
/** Share of unknown tickets that may pass for known, as long as that does not cost more than this share of the known. */
const UNKNOWN_PASSED = 0.08;
const KNOWN_LOST = 0.15;
/** Without unknown tickets to learn from: this share of the strangest tickets counts as out of scope. */
const STRANGEST = 0.01;
const KNOWN = SIGNALS.indexOf('known');

/** What tells strange tickets from others, and every trial's score by it. */
export interface Scope {
  readonly model: Logistic | null;
  readonly scores: readonly number[];
  readonly cutOff: number;
}

/** What tells known tickets from unknown ones, and the score that lets few enough unknown ones pass. */
export function scopeOf(trials: readonly Trial[]): Scope {
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

/** How much a ticket is like the past ones; below `scope.cutOff` it is out of scope. */
export function scopeScoreOf({ scope }: Calibration, signals: readonly number[]): number {
  return scope.model ? probabilityOf(scope.model, scopeSignals(signals)) : (signals[KNOWN] ?? 0);
}

function scopeSignals(signals: readonly number[]): number[] {
  return SCOPE_SIGNALS.map((position) => signals[position] ?? 0);
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}
