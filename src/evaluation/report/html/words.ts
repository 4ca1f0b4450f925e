import type { ClassResult, EvaluationResult, Method, Selective, Share, Significance } from '../../result.ts';

/** Stands wherever there was nothing to count. */
export const DASH = '–';

/** How a realised precision stands against the one asked for. */
export type Verdict = 'none' | 'beyond' | 'met' | 'near' | 'missed';

/** What each method does, in the words of somebody who does not know its name. */
export const METHOD_WORDS: Readonly<Record<Method['name'], string>> = {
  majority: 'always the most frequent value',
  'bm25-knn': 'vote of the most similar past tickets',
  linear: 'words and word parts, learnt',
  local: 'this service without a language model',
  model: 'the language model’s own answer',
  triage: 'this service',
};

/** What would have happened to new tickets at the target precision, in one sentence. */
export function headline(result: EvaluationResult): string {
  const at = operatingPoint(result);
  const target = oneLine(result.target);
  if (result.split.test === 0) return `There was no new ticket to decide the ${target} of.`;
  if (at === undefined || at.n === 0)
    return `For no new ticket was the ${target} sure enough to be filled in by itself.`;
  const filled = roughly(at.n / result.split.test);
  return `For ${filled} of new tickets the ${target} would have been filled in by itself; ${rightOf(at.precision)} were right.`;
}

/** The row of the selective results that the report judges by. */
export function operatingPoint({ selective, targetPrecision }: EvaluationResult): Selective | undefined {
  return selective.find((row) => Math.abs(row.targetPrecision - targetPrecision) < 1e-9);
}

/** Whether a precision keeps what was asked for, and whether chance alone could explain the difference. */
export function judge({ precision, targetPrecision }: Selective): Verdict {
  if (precision.of === 0) return 'none';
  if (precision.low >= targetPrecision) return 'beyond';
  if (precision.value >= targetPrecision) return 'met';
  return precision.high >= targetPrecision ? 'near' : 'missed';
}

/** A verdict as a short sentence. */
export function verdictWords(row: Selective): string {
  const asked = askedFor(row.targetPrecision);
  const verdict = judge(row);
  switch (verdict) {
    case 'none':
      return `Nothing was sure enough to keep the ${asked} asked for.`;
    case 'beyond':
      return `More than the ${asked} asked for, and not by chance.`;
    case 'met':
      return `The ${asked} asked for is kept.`;
    case 'near':
      return `Below the ${asked} asked for, by no more than chance can explain.`;
    case 'missed':
      return `Misses the ${asked} asked for, by more than chance can explain.`;
    default:
      return verdict satisfies never;
  }
}

/** `94.8 %`, or a dash for what is not a number. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : DASH;
}

/** A precision somebody asked for, with no more digits than they gave: `95 %`. */
export function askedFor(precision: number): string {
  return `${Number((100 * precision).toFixed(2))} %`;
}

/** A number with so many decimals. */
export function decimal(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : DASH;
}

/** `93.1–96.2`, the interval of a share in percent; empty for a share of nothing. */
export function interval({ low, high, of }: Omit<Share, 'value'>): string {
  if (of === 0 || !Number.isFinite(low) || !Number.isFinite(high)) return '';
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
}

/** `94.8 % (93.1–96.2)`, or a dash for a share of nothing. */
export function shareWords(share: Share): string {
  if (share.of === 0) return DASH;
  const around = interval(share);
  return around === '' ? percent(share.value) : `${percent(share.value)} (${around})`;
}

/** How many cases a share counted as hits. */
export function hits({ value, of }: Share): number {
  return of === 0 || !Number.isFinite(value) ? 0 : Math.round(value * of);
}

/** Test tickets of a class that were given another value. */
export function lostOf({ test, recall }: ClassResult): number {
  return test - hits(recall);
}

/** How sure it is that a difference is not chance. */
export function significanceWords({ p }: Significance): string {
  if (!Number.isFinite(p)) return `p ${DASH}`;
  const value = p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
  if (p < 0.01) return `${value}, hardly chance`;
  return p < 0.05 ? `${value}, probably not chance` : `${value}, may be chance`;
}

/** `1,234`, the same on every machine. */
export function count(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString('en-US') : DASH;
}

/** Milliseconds with as many digits as are worth reading. */
export function milliseconds(ms: number): string {
  if (!Number.isFinite(ms)) return DASH;
  if (ms < 0.1) return '< 0.1';
  return ms < 100 ? ms.toFixed(1) : count(Math.round(ms));
}

/** Bytes in the unit that keeps them short. */
export function bytes(size: number): string {
  if (!Number.isFinite(size)) return DASH;
  if (size < 1e3) return `${size} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** The indices of the best figures as they are printed, so that equal prints are equally best; none if all are equal. */
export function bestOf(values: readonly (number | null)[], prefer: 'high' | 'low'): ReadonlySet<number> {
  const printed = values.map((value) => (value === null || !Number.isFinite(value) ? null : Number(value.toFixed(3))));
  const numbers = printed.filter((value) => value !== null);
  const best = prefer === 'high' ? Math.max(...numbers) : Math.min(...numbers);
  if (numbers.every((value) => value === best)) return new Set();
  return new Set(printed.flatMap((value, index) => (value === best ? [index] : [])));
}

/** Text from tickets on one line, without characters that steer a terminal or turn the reading direction. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** Whole percents, save where rounding would claim none or all. */
function roughly(value: number): string {
  if (value > 0 && value < 0.01) return `${Math.max(100 * value, 0.1).toFixed(1)} %`;
  if (value > 0.99 && value < 1) return `${Math.min(100 * value, 99.9).toFixed(1)} %`;
  return `${(100 * value).toFixed(0)} %`;
}

/** Exact numbers up to 100 cases; beyond, of 100, and never "100 of 100" unless all were right. */
function rightOf(share: Share): string {
  if (share.of < 100) return `${hits(share)} of these ${share.of}`;
  const ofHundred = Math.round(100 * share.value);
  return `${hits(share) === share.of ? 100 : Math.min(ofHundred, 99)} of 100 of these`;
}
