import type { MemoryQuery } from '../../domain/ports/memory.ts';
import type { InvertedIndex } from './inverted-index.ts';
import { isOpenTo, type Meta } from './register.ts';
import { asQuery, documentVector } from './vector.ts';

export interface Hit {
  readonly id: string;
  readonly score: number;
}

/** A ticket id with its rank score and its likeness to the query, 0 to 1. */
export interface Found extends Hit {
  readonly likeness: number;
}

/** The keyword half of a search. */
export interface SparseHalf {
  readonly sparse: readonly Hit[];
  /** What a copy of the query would score by its words, whether or not there is one. */
  readonly selfScore: number;
}

/** The best twice-the-limit of what the asker may see. */
export function sparseHalf(index: InvertedIndex, query: MemoryQuery): SparseHalf {
  const document = documentVector(query.text);
  const asked = asQuery(document);
  const sparse = index.search(asked, query.limit * 2, index.register.visibleTo(query));
  return { sparse, selfScore: index.scoreOf(asked, document) };
}

/** Whether a ticket may be evidence for this query. */
export function visibleTo(query: MemoryQuery): (meta: Meta, id: string) => boolean {
  const isOpen = isOpenTo(query);
  const beforeMs = Date.parse(query.before);
  return (meta, id) => id !== query.excludeId && meta.createdMs < beforeMs && isOpen(meta);
}

interface Halves extends SparseHalf {
  readonly dense: readonly Hit[] | null;
}

/**
 * Joins the halves: for the order, the keyword score (as a share of the best) and the cosine similarity, weighted; for
 * the likeness, the same with the keyword score as a share of what a copy of the query would score.
 */
export function fuse(query: MemoryQuery, { sparse, dense, selfScore: self }: Halves): Found[] {
  const best = sparse[0]?.score ?? 1;
  const keywordWeight = dense ? query.keywordWeight : 1;
  const sums = new Map<string, Omit<Found, 'id'>>();
  for (const { id, score } of sparse) {
    const likeness = self > 0 ? Math.min(score / self, 1) : 0;
    sums.set(id, { score: (keywordWeight * score) / best, likeness: keywordWeight * likeness });
  }
  for (const { id, score } of dense ?? []) {
    const sum = sums.get(id) ?? { score: 0, likeness: 0 };
    const share = (1 - keywordWeight) * score;
    sums.set(id, { score: sum.score + share, likeness: sum.likeness + Math.max(share, 0) });
  }
  return [...sums]
    .map(([id, sum]) => ({ id, ...sum }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1))
    .slice(0, query.limit);
}
