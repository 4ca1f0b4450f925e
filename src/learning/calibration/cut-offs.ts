import { type Calibration, type CutOffs, PRECISIONS } from '../../domain/playbook/calibration.ts';
import { lowerBound, sixDecimals } from '../statistics.ts';

interface Outcome {
  readonly score: number;
  readonly isRight: boolean;
}

/** A scored proposal; `family` is the share of its value's family, and whether the truth was in it. */
interface Scored extends Outcome {
  readonly value: string;
  readonly family: { readonly share: number; readonly isRight: boolean } | null;
}

/** A class needs so many trials of its own before its own cut-offs are believed. */
const MIN_OWN = 50;

/** The cut-off for a wanted precision, rounded up to the next of `PRECISIONS`; null: nothing is sure enough. 0 wants nothing. */
export function cutOffAt(cutOffs: CutOffs, precision: number): number | null {
  if (precision === 0) return 0;
  const index = PRECISIONS.findIndex((candidate) => candidate >= precision);
  return cutOffs[index] ?? null;
}

/** For each of `PRECISIONS` the lowest score from which on the lower bound of the precision holds it. */
export function cutOffsOf(trials: readonly Outcome[], doubt: number): CutOffs {
  const sorted = [...trials].sort((one, other) => other.score - one.score);
  const cutOffs: (number | null)[] = PRECISIONS.map(() => null);
  let right = 0;
  for (const [index, { score, isRight }] of sorted.entries()) {
    if (isRight) right++;
    if (sorted[index + 1]?.score === score) continue;
    const bound = lowerBound(right, index + 1, doubt);
    for (const [level, precision] of PRECISIONS.entries())
      if (bound >= precision) cutOffs[level] = sixDecimals(score, Math.floor);
  }
  return cutOffs;
}

/** The cut-offs of every class with enough trials of its own, most frequent first. */
export function ownCutOffs(trials: readonly Scored[], doubt: number): Calibration['cutOffs']['classes'] {
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

/** The family speaks only where its child was not sure enough, so it is measured on those trials alone. */
export function parentCutOffs(
  trials: readonly Scored[],
  own: Omit<Calibration['cutOffs'], 'parents'>,
  doubt: number,
): (number | null)[] | null {
  if (trials.filter(({ family }) => family).length < MIN_OWN) return null;
  let highest: number | null = 0;
  return PRECISIONS.map((_, level) => {
    const open = trials.filter(({ value, score }) => {
      const cutOffs = own.classes.find((measured) => measured.value === value)?.cutOffs ?? own.pooled;
      return score < (cutOffs[level] ?? Number.POSITIVE_INFINITY);
    });
    const families = open.flatMap(({ family }) => (family ? [{ score: family.share, isRight: family.isRight }] : []));
    const cutOff = cutOffsOf(families, doubt)[level] ?? null;
    // Each level looks at other trials; the promise that cut-offs never fall is kept all the same.
    highest = cutOff === null || highest === null ? null : Math.max(highest, cutOff);
    return highest;
  });
}
