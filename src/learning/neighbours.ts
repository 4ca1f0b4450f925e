import type { Candidate, Evidence } from '../domain/decision.ts';

/** Votes for one target, best first, and how many neighbours carried a value for it. */
export interface Vote {
  readonly candidates: readonly Candidate[];
  readonly voters: number;
}

/**
 * Similarity-weighted k-nearest-neighbour vote: each neighbour votes with `similarity ^ sharpness`; confidence is the
 * share of the weight. Values outside `allowed` do not vote (null: all may).
 */
export function vote(
  evidence: readonly Evidence[],
  target: string,
  { sharpness, allowed }: { readonly sharpness: number; readonly allowed: ReadonlySet<string> | null },
): Vote {
  const weights = new Map<string, number>();
  let total = 0;
  let voters = 0;
  const best = evidence[0]?.similarity ?? 1;
  for (const { similarity, values } of evidence) {
    const value = Object.hasOwn(values, target) ? values[target] : undefined;
    if (value === undefined || (allowed && !allowed.has(value))) continue;
    const weight = (Math.max(similarity, 0) / best) ** sharpness;
    weights.set(value, (weights.get(value) ?? 0) + weight);
    total += weight;
    voters++;
  }
  const candidates = [...weights]
    .map(([value, weight]) => ({ value, confidence: total > 0 ? weight / total : 0 }))
    .sort((left, right) => right.confidence - left.confidence || left.value.localeCompare(right.value));
  return { candidates, voters };
}
