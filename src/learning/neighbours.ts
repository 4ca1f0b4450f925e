import type { Candidate, Evidence } from '../domain/decision/decision.ts';

/** Votes for one target, best first, and how many neighbours carried a value for it. */
export interface Vote {
  readonly candidates: readonly Candidate[];
  readonly voters: number;
}

export interface VoteOptions {
  /** Each neighbour votes with `similarity ^ sharpness`. */
  readonly sharpness: number;
  /** Values that may be voted for; null: all. */
  readonly allowed: ReadonlySet<string> | null;
  /** A neighbour's own value taken apart, where a target keeps several. */
  readonly partsOf?: (value: string) => readonly string[];
  /** What the vote of a value counts that no person stands behind; 0, and when absent: nothing. */
  readonly weakWeight?: number;
}

/**
 * Similarity-weighted k-nearest-neighbour vote; confidence is the share of the weight of all who carried an allowed
 * value.
 */
export function vote(evidence: readonly Evidence[], target: string, options: VoteOptions): Vote {
  const { sharpness, allowed, partsOf = (value) => [value], weakWeight = 0 } = options;
  const weights = new Map<string, number>();
  let total = 0;
  let voters = 0;
  const best = Math.max(evidence[0]?.similarity ?? 0, Number.MIN_VALUE);
  for (const neighbour of evidence) {
    const { value, share } = sayOf(neighbour, target, weakWeight);
    const parts = value === undefined ? [] : partsOf(value).filter((part) => !allowed || allowed.has(part));
    if (parts.length === 0 || share === 0) continue;
    const weight = (Math.max(neighbour.similarity, 0) / best) ** sharpness * share;
    for (const part of parts) weights.set(part, (weights.get(part) ?? 0) + weight);
    total += weight;
    voters++;
  }
  const candidates = [...weights]
    .map(([value, weight]) => ({ value, confidence: total > 0 ? weight / total : 0 }))
    .sort((left, right) => right.confidence - left.confidence || (left.value < right.value ? -1 : 1));
  return { candidates, voters };
}

/** What a neighbour votes for, and which share of its vote counts. */
function sayOf({ values, weakValues = {} }: Evidence, target: string, weakWeight: number) {
  if (Object.hasOwn(values, target)) return { value: values[target], share: 1 };
  return { value: Object.hasOwn(weakValues, target) ? weakValues[target] : undefined, share: weakWeight };
}
