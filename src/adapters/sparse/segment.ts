import type { SparseVector } from './vector.ts';

/**
 * Slots are numbers of 16 bits. A quarter of what these can tell keeps the longest merge to some tens of milliseconds of the
 * thread that serves.
 */
const MAX_ENTRIES = 16_384;

/** In the slot of an entry that was struck out. */
const NOBODY = -1;

export interface Entry {
  readonly number: number;
  readonly vector: SparseVector;
}

interface Postings {
  readonly terms: Uint32Array;
  /** Where the postings of each term begin, and where the last one's end. */
  readonly starts: Uint32Array;
  readonly slots: Uint16Array;
  readonly weights: Float32Array;
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
    let low = 0;
    return Int32Array.from(terms, (term) => {
      low = lowerBound(known, term, low);
      return known[low] === term ? low : -1;
    });
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

const SLOTS = 2 ** 16;

/** Postings are sorted as whole numbers of 48 bits: the term, then the slot. */
function postingsOf(vectors: readonly SparseVector[]): Postings {
  const size = vectors.reduce((sum, { terms }) => sum + terms.length, 0);
  const keys = new Float64Array(size);
  let filled = 0;
  for (const [slot, { terms }] of vectors.entries())
    for (let index = 0; index < terms.length; index++) keys[filled++] = (terms[index] ?? 0) * SLOTS + slot;
  keys.sort();
  const writer = new Writer(size, size);
  // A vector's terms ascend: those of a slot come in their order.
  const used = new Uint32Array(vectors.length);
  let last = -1;
  for (let index = 0; index < size; index++) {
    const key = keys[index] ?? 0;
    const term = Math.floor(key / SLOTS);
    const slot = key - term * SLOTS;
    if (term !== last) writer.end(last);
    last = term;
    const place = used[slot] ?? 0;
    writer.add(slot, vectors[slot]?.weights[place] ?? 0);
    used[slot] = place + 1;
  }
  writer.end(last);
  return writer.finish();
}

const NO_POSTINGS: Postings = {
  terms: new Uint32Array(),
  starts: new Uint32Array(1),
  slots: new Uint16Array(),
  weights: new Float32Array(),
};

function isSomebody(entry: number): boolean {
  return entry !== NOBODY;
}

interface Moving extends Postings {
  /** The new slot of each old one. */
  readonly moved: Int32Array;
}

/** Above every term. */
const END = 2 ** 32;

function merged(one: Moving, two: Moving): Postings {
  const [mostTerms, size] = [one.terms.length + two.terms.length, one.slots.length + two.slots.length];
  const writer = new Writer(mostTerms, size);
  let [left, right] = [0, 0];
  while (left + right < mostTerms) {
    const first = left < one.terms.length ? (one.terms[left] ?? END) : END;
    const second = right < two.terms.length ? (two.terms[right] ?? END) : END;
    if (first <= second) writer.append(one, left++);
    if (second <= first) writer.append(two, right++);
    writer.end(Math.min(first, second));
  }
  return writer.finish();
}

class Writer {
  readonly #terms: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #slots: Uint16Array;
  readonly #weights: Float32Array;
  #count = 0;
  #size = 0;

  constructor(terms: number, size: number) {
    this.#terms = new Uint32Array(terms);
    this.#starts = new Uint32Array(terms + 1);
    this.#slots = new Uint16Array(size);
    this.#weights = new Float32Array(size);
  }

  /** The postings of one term that are not struck out, behind those that are there. */
  append({ starts, slots, weights, moved }: Moving, place: number): void {
    const end = starts[place + 1] ?? 0;
    let size = this.#size;
    for (let index = starts[place] ?? 0; index < end; index++) {
      const slot = moved[slots[index] ?? 0] ?? NOBODY;
      if (slot === NOBODY) continue;
      this.#slots[size] = slot;
      this.#weights[size++] = weights[index] ?? 0;
    }
    this.#size = size;
  }

  add(slot: number, weight: number): void {
    this.#slots[this.#size] = slot;
    this.#weights[this.#size++] = weight;
  }

  /** What was added since the last end belongs to this term. */
  end(term: number): void {
    if (this.#size === this.#starts[this.#count]) return;
    this.#terms[this.#count++] = term;
    this.#starts[this.#count] = this.#size;
  }

  finish(): Postings {
    const isFull = this.#size === this.#slots.length;
    return {
      terms: this.#terms.slice(0, this.#count),
      starts: this.#starts.slice(0, this.#count + 1),
      slots: isFull ? this.#slots : this.#slots.slice(0, this.#size),
      weights: isFull ? this.#weights : this.#weights.slice(0, this.#size),
    };
  }
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
