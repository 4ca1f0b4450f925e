import { type Moving, merged, NO_POSTINGS, NOBODY, type Postings, postingsOf } from './postings.ts';
import type { SparseVector } from './vector.ts';

/**
 * Slots are numbers of 16 bits. A quarter of what these can tell keeps the longest merge to some tens of milliseconds of the
 * thread that serves.
 */
const MAX_ENTRIES = 16_384;

export interface Entry {
  readonly number: number;
  readonly vector: SparseVector;
}

/** The postings of some entries, sorted by term and then by slot: six bytes each. Nothing changes but that entries are struck out. */
export class Segment {
  readonly #postings: Postings;
  /** Which entry is in which slot. */
  readonly #entries: Int32Array;
  #live: number;

  private constructor(postings: Postings, entries: Int32Array) {
    this.#postings = postings;
    this.#entries = entries;
    this.#live = entries.length;
  }

  static of(entries: readonly Entry[]): Segment {
    return new Segment(
      postingsOf(entries.map(({ vector }) => vector)),
      Int32Array.from(entries, ({ number }) => number),
    );
  }

  /** How many entries there are, without those that were struck out. */
  get live(): number {
    return this.#live;
  }

  get slots(): number {
    return this.#entries.length;
  }

  /** The entry in a slot; negative when it was struck out. */
  entryIn(slot: number): number {
    return this.#entries[slot] ?? NOBODY;
  }

  /** Whether the entry was here. */
  strike(entry: number): boolean {
    const slot = this.#entries.indexOf(entry);
    if (slot === -1) return false;
    this.#entries[slot] = NOBODY;
    this.#live--;
    return true;
  }

  /** Where each of some ascending terms is to be found; -1 where it is not. */
  locate(terms: Uint32Array): Int32Array {
    const known = this.#postings.terms;
    const places = new Int32Array(terms.length);
    for (let index = 0, low = 0; index < terms.length; index++) {
      const term = terms[index] ?? 0;
      low = lowerBound(known, term, low);
      places[index] = known[low] === term ? low : -1;
    }
    return places;
  }

  /** How many entries have the term at this place. */
  frequency(place: number): number {
    if (place === -1) return 0;
    const { starts, slots } = this.#postings;
    const [start, end] = [starts[place] ?? 0, starts[place + 1] ?? 0];
    if (this.#live === this.#entries.length) return end - start;
    let count = 0;
    for (let index = start; index < end; index++) if (this.entryIn(slots[index] ?? 0) !== NOBODY) count++;
    return count;
  }

  /** Adds the weights of the term at this place to the scores of its slots, times a factor. */
  addTo(scores: Float64Array, place: number, factor: number): void {
    if (place === -1) return;
    const { starts, slots, weights } = this.#postings;
    const end = starts[place + 1] ?? 0;
    for (let index = starts[place] ?? 0; index < end; index++) {
      const slot = slots[index] ?? 0;
      scores[slot] = (scores[slot] ?? 0) + factor * (weights[index] ?? 0);
    }
  }

  /** Whether a merge with the other would not outgrow a segment, and is worth its time. */
  takes(other: Segment): boolean {
    return this.#live <= 2 * other.#live && this.#live + other.#live <= MAX_ENTRIES;
  }

  /** Both in one, without what was struck out. */
  merge(other: Segment): Segment {
    const entries = new Int32Array(this.#live + other.#live);
    entries.set(this.#entries.filter(isSomebody));
    entries.set(other.#entries.filter(isSomebody), this.#live);
    return new Segment(merged(this.#renumbered(0), other.#renumbered(this.#live)), entries);
  }

  /** The same without what was struck out. */
  compacted(): Segment {
    return this.merge(new Segment(NO_POSTINGS, new Int32Array()));
  }

  /** The postings with the slots they will have in a segment where this one's begin at `first`. */
  #renumbered(first: number): Moving {
    let next = first;
    const moved = Int32Array.from(this.#entries, (entry) => (entry === NOBODY ? NOBODY : next++));
    return { ...this.#postings, moved };
  }
}

function isSomebody(entry: number): boolean {
  return entry !== NOBODY;
}

/** The first place from `low` on whose term is not smaller. */
function lowerBound(terms: Uint32Array, term: number, low: number): number {
  let [from, to] = [low, terms.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((terms[middle] ?? 0) < term) from = middle + 1;
    else to = middle;
  }
  return from;
}
