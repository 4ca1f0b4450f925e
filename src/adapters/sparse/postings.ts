import type { SparseVector } from './vector.ts';

/** In the slot of an entry that was struck out. */
export const NOBODY = -1;

/** Sorted by term and then by slot. */
export interface Postings {
  readonly terms: Uint32Array;
  /** Where the postings of each term begin, and where the last one's end. */
  readonly starts: Uint32Array;
  readonly slots: Uint16Array;
  readonly weights: Float32Array;
}

/** On their way into a merge. */
export interface Moving extends Postings {
  /** The new slot of each old one. */
  readonly moved: Int32Array;
}

/** Of nobody. */
export const NO_POSTINGS: Postings = {
  terms: new Uint32Array(),
  starts: new Uint32Array(1),
  slots: new Uint16Array(),
  weights: new Float32Array(),
};

/** Those of vectors whose slots are 0, 1, 2, … */
export function postingsOf(vectors: readonly SparseVector[]): Postings {
  const size = vectors.reduce((sum, { terms }) => sum + terms.length, 0);
  const terms = new Uint32Array(size);
  const slots = new Uint16Array(size);
  const weights = new Float32Array(size);
  let filled = 0;
  for (const [slot, vector] of vectors.entries()) {
    terms.set(vector.terms, filled);
    weights.set(vector.weights, filled);
    slots.fill(slot, filled, filled + vector.terms.length);
    filled += vector.terms.length;
  }
  const writer = new Writer(size, size);
  let last = -1;
  for (const place of sortedPlaces(terms)) {
    const term = terms[place] ?? 0;
    if (term !== last) writer.end(last);
    last = term;
    writer.add(slots[place] ?? 0, weights[place] ?? 0);
  }
  writer.end(last);
  return writer.finish();
}

const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/** The places of numbers in ascending order; equal ones stay in theirs. Digit by digit, the lowest first. */
function sortedPlaces(numbers: Uint32Array): Uint32Array {
  let places = Uint32Array.from(numbers.keys());
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    const next = new Uint32Array(DIGITS + 1);
    for (let index = 0; index < numbers.length; index++) {
      const digit = ((numbers[index] ?? 0) >>> shift) % DIGITS;
      next[digit + 1] = (next[digit + 1] ?? 0) + 1;
    }
    for (let digit = 1; digit < DIGITS; digit++) next[digit] = (next[digit] ?? 0) + (next[digit - 1] ?? 0);
    const sorted = new Uint32Array(numbers.length);
    for (let index = 0; index < places.length; index++) {
      const place = places[index] ?? 0;
      const digit = ((numbers[place] ?? 0) >>> shift) % DIGITS;
      const to = next[digit] ?? 0;
      sorted[to] = place;
      next[digit] = to + 1;
    }
    places = sorted;
  }
  return places;
}

/** Above every term. */
const END = 2 ** 32;

/** The postings of both, without those that were struck out. */
export function merged(one: Moving, two: Moving): Postings {
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
