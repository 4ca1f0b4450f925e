import { type Meta, Register } from './register.ts';
import { type Entry, Segment } from './segment.ts';
import type { SparseVector } from './vector.ts';

export interface Scored {
  readonly id: string;
  readonly score: number;
}

interface Asked {
  readonly query: SparseVector;
  /** Where the query's terms are in each segment. */
  readonly places: readonly Int32Array[];
  /** The query's weights times the idf of their terms. */
  readonly factors: Float64Array;
}

/** Making a segment of these takes about ten milliseconds. */
const MAX_FRESH = 1_000;

/** A segment is written anew once this share of its slots belongs to entries that were struck out. */
const MAX_DEAD_SHARE = 0.3;

/**
 * An in-process inverted index over sparse vectors; scores are dot products weighted by BM25's idf. It is kept in
 * segments that double their size by merging, up to tens of thousands of entries: about a kilobyte per ticket of 150
 * terms, and no step that takes long. Measured against scanning `sparsevec` in PGlite: two orders of magnitude quicker.
 */
export class InvertedIndex {
  readonly register = new Register();
  /** Not in a segment yet. */
  #fresh: Entry[] = [];
  /** The latest last. */
  #segments: Segment[] = [];
  #scores = new Float64Array(1024);
  /** The last query, until anything changes: whoever searches also asks what a copy of it would score. */
  #asked: Asked | null = null;

  get size(): number {
    return this.register.size;
  }

  /** Adds or replaces an entry; tells its number. */
  put(id: string, vector: SparseVector, meta: Meta): number {
    this.#asked = null;
    const known = this.register.numberOf(id);
    if (known !== undefined) this.#strike(known);
    const number = this.register.put(id, meta);
    if (this.#fresh.push({ number, vector }) === MAX_FRESH) this.#seal();
    return number;
  }

  /** Tells the number that the entry had. */
  remove(id: string): number | undefined {
    this.#asked = null;
    const number = this.register.remove(id);
    if (number !== undefined) this.#strike(number);
    return number;
  }

  /** The best `limit` entries that `accept` lets through, best first; ties by id, so that the order of arrival decides nothing. */
  search(query: SparseVector, limit: number, accept: (number: number) => boolean): Scored[] {
    const { places, factors } = this.#ask(query);
    const best: Scored[] = [];
    for (const [index, segment] of this.#segments.entries()) {
      if (this.#scores.length < segment.slots) this.#scores = new Float64Array(segment.slots);
      for (let term = 0; term < factors.length; term++)
        segment.addTo(this.#scores, places[index]?.[term] ?? -1, factors[term] ?? 0);
      this.#collect(segment, best, { limit, accept });
    }
    return best;
  }

  /** What an entry with these weights would score, whether or not it is here. */
  scoreOf(query: SparseVector, document: SparseVector): number {
    const { factors } = this.#ask(query);
    let sum = 0;
    for (let left = 0, right = 0; left < query.terms.length && right < document.terms.length; ) {
      const difference = (query.terms[left] ?? 0) - (document.terms[right] ?? 0);
      if (difference === 0) sum += (factors[left] ?? 0) * (document.weights[right] ?? 0);
      if (difference <= 0) left += 1;
      if (difference >= 0) right += 1;
    }
    return sum;
  }

  #ask(query: SparseVector): Asked {
    if (this.#asked?.query === query) return this.#asked;
    this.#seal();
    const places = this.#segments.map((segment) => segment.locate(query.terms));
    this.#asked = { query, places, factors: this.#factors(query, places) };
    return this.#asked;
  }

  #factors({ terms, weights }: SparseVector, places: readonly Int32Array[]): Float64Array {
    const factors = new Float64Array(terms.length);
    for (let term = 0; term < terms.length; term++) {
      let frequency = 0;
      for (const [index, segment] of this.#segments.entries())
        frequency += segment.frequency(places[index]?.[term] ?? -1);
      factors[term] = (weights[term] ?? 0) * this.#idf(frequency);
    }
    return factors;
  }

  /** Lucene's variant of BM25's idf, never negative. */
  #idf(documentFrequency: number): number {
    return Math.log(1 + (this.size - documentFrequency + 0.5) / (documentFrequency + 0.5));
  }

  /** Takes the best of a segment out of the scores, which are all 0 again afterwards. */
  #collect(
    segment: Segment,
    best: Scored[],
    { limit, accept }: { readonly limit: number; readonly accept: (number: number) => boolean },
  ): void {
    const scores = this.#scores;
    for (let slot = 0; slot < segment.slots; slot++) {
      const score = scores[slot] ?? 0;
      if (score === 0) continue;
      scores[slot] = 0;
      const worst = best.length === limit ? best.at(-1) : undefined;
      const number = segment.entryIn(slot);
      if (number < 0 || (worst && score < worst.score) || !accept(number)) continue;
      insertSorted(best, { id: this.register.idOf(number), score }, limit);
    }
  }

  #strike(number: number): void {
    this.#seal();
    const index = this.#segments.findIndex((segment) => segment.strike(number));
    const segment = this.#segments[index];
    if (!segment || segment.live >= segment.slots * (1 - MAX_DEAD_SHARE)) return;
    this.#segments.splice(index, 1, ...(segment.live > 0 ? [segment.compacted()] : []));
  }

  #seal(): void {
    if (this.#fresh.length === 0) return;
    let sealed = Segment.of(this.#fresh);
    this.#fresh = [];
    for (let last = this.#segments.at(-1); last?.takes(sealed); last = this.#segments.at(-1)) {
      sealed = last.merge(sealed);
      this.#segments.pop();
    }
    this.#segments.push(sealed);
  }
}

function insertSorted(best: Scored[], candidate: Scored, limit: number): void {
  const position = best.findIndex((other) => isBefore(candidate, other));
  best.splice(position === -1 ? best.length : position, 0, candidate);
  if (best.length > limit) best.pop();
}

function isBefore(one: Scored, other: Scored): boolean {
  return one.score === other.score ? one.id < other.id : one.score > other.score;
}
