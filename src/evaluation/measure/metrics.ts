import { wilson } from '../../learning/statistics.ts';
import type { Share } from '../result.ts';

/** A share of cases with its 95 % interval; 0 of 0 is 0 with everything possible. */
export function share(right: number, of: number): Share {
  return { value: of === 0 ? 0 : right / of, ...wilson(right, of), of };
}

/** One test ticket's truth and the values predicted for it: one, several where a target keeps several, or none. */
export interface Prediction {
  readonly truth: readonly string[];
  readonly values: readonly string[];
}

/** Something was predicted, and nothing of it is wrong. */
export function isRight({ truth, values }: Prediction): boolean {
  return values.length > 0 && values.every((value) => truth.includes(value));
}

export function accuracyOf(predictions: readonly Prediction[]): number {
  return predictions.length === 0 ? 0 : predictions.filter(isRight).length / predictions.length;
}

/** Precision, recall and F1 of one class. */
export function classScores(value: string, predictions: readonly Prediction[]) {
  const predicted = predictions.filter(({ values }) => values.includes(value));
  const actual = predictions.filter(({ truth }) => truth.includes(value));
  const hits = predicted.filter(({ truth }) => truth.includes(value)).length;
  const f1 = predicted.length + actual.length === 0 ? 0 : (2 * hits) / (predicted.length + actual.length);
  return {
    predicted: predicted.length,
    test: actual.length,
    precision: share(hits, predicted.length),
    recall: share(hits, actual.length),
    f1,
  };
}

/** Mean F1 over the classes that occur as truth or prediction (as scikit-learn's `f1_score(average='macro')`). */
export function macroF1(predictions: readonly Prediction[]): number {
  const hits = new Map<string, number>();
  const counts = new Map<string, number>();
  const add = (map: Map<string, number>, value: string) => map.set(value, (map.get(value) ?? 0) + 1);
  for (const prediction of predictions) {
    for (const value of prediction.truth) add(counts, value);
    for (const value of prediction.values) {
      add(counts, value);
      if (prediction.truth.includes(value)) add(hits, value);
    }
  }
  const scores = [...counts].map(([value, count]) => (2 * (hits.get(value) ?? 0)) / count);
  return scores.length === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

const MAX_POINTS = 200;

/** Precision among the surest, for growing coverage. */
export function riskCoverage(sure: readonly { readonly confidence: number; readonly isRight: boolean }[]) {
  const sorted = [...sure].sort((one, other) => other.confidence - one.confidence);
  const step = Math.max(1, Math.ceil(sorted.length / MAX_POINTS));
  const points: { coverage: number; precision: number }[] = [];
  let right = 0;
  for (const [index, prediction] of sorted.entries()) {
    if (prediction.isRight) right++;
    const isLast = index === sorted.length - 1;
    if ((index + 1) % step === 0 || isLast) {
      points.push({ coverage: (index + 1) / sorted.length, precision: right / (index + 1) });
    }
  }
  return points;
}

const BINS = 10;

/** Ten equal bins of confidence with the accuracy inside each. */
export function reliability(sure: readonly { readonly confidence: number; readonly isRight: boolean }[]) {
  return Array.from({ length: BINS }, (_, bin) => {
    const inside = sure.filter(({ confidence }) => Math.min(Math.floor(confidence * BINS), BINS - 1) === bin);
    return {
      from: bin / BINS,
      to: (bin + 1) / BINS,
      confidence: mean(inside.map(({ confidence }) => confidence)),
      accuracy: mean(inside.map((prediction) => (prediction.isRight ? 1 : 0))),
      n: inside.length,
    };
  });
}

/** 0 for no numbers. */
export function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
