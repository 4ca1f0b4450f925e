import type { Candidate, Evidence } from '../domain/decision.ts';

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
}

/**
 * Similarity-weighted k-nearest-neighbour vote; confidence is the share of the weight of all who carried an allowed
 * value.
 */
export function vote(evidence: readonly Evidence[], target: string, options: VoteOptions): Vote {
  const { sharpness, allowed, partsOf = (value) => [value] } = options;
  const weights = new Map<string, number>();
  let total = 0;
  let voters = 0;
  const best = Math.max(evidence[0]?.similarity ?? 0, Number.MIN_VALUE);
  for (const { similarity, values } of evidence) {
    const value = Object.hasOwn(values, target) ? values[target] : undefined;
    const parts = value === undefined ? [] : partsOf(value).filter((part) => !allowed || allowed.has(part));
    if (parts.length === 0) continue;
    const weight = (Math.max(similarity, 0) / best) ** sharpness;
    for (const part of parts) weights.set(part, (weights.get(part) ?? 0) + weight);
    total += weight;
    voters++;
  }
  const candidates = [...weights]
    .map(([value, weight]) => ({ value, confidence: total > 0 ? weight / total : 0 }))
    .sort((left, right) => right.confidence - left.confidence || (left.value < right.value ? -1 : 1));
  return { candidates, voters };
}
