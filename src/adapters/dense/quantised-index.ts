import { setImmediate as breathe } from 'node:timers/promises';
import { type Kernel, kernelOn, STEP } from './kernel.ts';

/** An entry with its cosine similarity, off by a thousandth or so. */
export interface Near {
  readonly id: string;
  readonly about: number;
}

/** What is known of entries by their numbers. */
export interface Filter {
  readonly accept: (number: number) => boolean;
  readonly idOf: (number: number) => string;
}

const PAGE_BYTES = 65_536;
/** Rows looked at without a pause: some five milliseconds. */
const STRETCH = 65_536;
/** The largest code, and the largest number of a query that is not too long. */
const LARGEST = 127;
const LARGEST_IN_QUERY = 2_047;

/**
 * The directions of vectors, a byte per number: a quarter of what they take as they are, and all of them are looked at
 * for a question, so nothing that may be seen is passed over. Who needs the similarity as it is compares the best few
 * again.
 */
export class QuantisedIndex {
  readonly #dimensions: number;
  /** Bytes per row. */
  readonly #width: number;
  readonly #memory: WebAssemblyMemory;
  readonly #kernel: Kernel;
  readonly #outAt: number;
  readonly #codesAt: number;
  /** What a row's codes times a query of length 1 are to be multiplied with; NaN: no vector. */
  #scales = new Float32Array();
  #rows = 0;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#width = Math.ceil(dimensions / STEP) * STEP;
    this.#outAt = this.#width * 2;
    this.#codesAt = this.#outAt + STRETCH * 4;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.#codesAt / PAGE_BYTES) });
    this.#kernel = kernelOn(this.#memory);
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength + this.#scales.byteLength;
  }

  /** Sets the vector of an entry, whose number is small. */
  put(number: number, vector: Float32Array): void {
    this.#reserve(number + 1);
    const [largest, length] = [largestOf(vector), lengthOf(vector)];
    const codes = new Int8Array(this.#memory.buffer, this.#codesAt + number * this.#width, this.#dimensions);
    for (let index = 0; index < this.#dimensions; index++)
      codes[index] = largest === 0 ? 0 : Math.round(((vector[index] ?? 0) / largest) * LARGEST);
    this.#scales[number] = length === 0 ? 0 : largest / LARGEST / length;
  }

  remove(number: number): void {
    if (number < this.#rows) this.#scales[number] = Number.NaN;
  }

  /** The nearest `limit` entries that are accepted, best first; ties by id. A vector without direction is like nothing. */
  async nearest(query: ArrayLike<number>, limit: number, filter: Filter): Promise<Near[]> {
    const best: Near[] = [];
    for (let first = 0; first < this.#rows; first += STRETCH) {
      if (first > 0) await breathe();
      this.#look(first, query, { ...filter, limit, best });
    }
    return best;
  }

  #look(first: number, query: ArrayLike<number>, { accept, idOf, limit, best }: Look): void {
    const rows = Math.min(STRETCH, this.#rows - first);
    const factor = this.#writeQuery(query);
    this.#kernel.dots({ query: 0, out: this.#outAt, codes: this.#codesAt + first * this.#width }, rows, this.#width);
    const dots = new Int32Array(this.#memory.buffer, this.#outAt, rows);
    let least = leastOf(best, limit);
    for (let row = 0; row < rows; row++) {
      const about = (dots[row] ?? 0) * (this.#scales[first + row] ?? Number.NaN) * factor;
      // Never true where there is no vector.
      if (!(about >= least) || !accept(first + row)) continue;
      insertSorted(best, { id: idOf(first + row), about }, limit);
      least = leastOf(best, limit);
    }
  }

  /** As whole numbers small enough that no sum overflows; returns what makes a query of length 1 of them. */
  #writeQuery(query: ArrayLike<number>): number {
    const [largest, length] = [largestOf(query), lengthOf(query)];
    const top = Math.min(LARGEST_IN_QUERY, Math.floor((2 ** 31 - 1) / (LARGEST * this.#width)));
    const numbers = new Int16Array(this.#memory.buffer, 0, this.#width);
    for (let index = 0; index < this.#dimensions; index++)
      numbers[index] = largest === 0 ? 0 : Math.round(((query[index] ?? 0) / largest) * top);
    return length === 0 ? 0 : largest / top / length;
  }

  #reserve(rows: number): void {
    const missing = this.#codesAt + rows * this.#width - this.#memory.buffer.byteLength;
    // A quarter more than needed: the first touch costs memory, not the reservation.
    if (missing > 0) this.#memory.grow(Math.ceil((missing + this.#memory.buffer.byteLength / 4) / PAGE_BYTES));
    if (rows > this.#scales.length) {
      const former = this.#scales;
      this.#scales = new Float32Array(Math.max(1_024, rows, former.length * 1.5)).fill(Number.NaN, former.length);
      this.#scales.set(former);
    }
    this.#rows = Math.max(this.#rows, rows);
  }
}

interface Look extends Filter {
  readonly limit: number;
  readonly best: Near[];
}

/** What a candidate needs at least. */
function leastOf(best: readonly Near[], limit: number): number {
  return best.length < limit ? Number.NEGATIVE_INFINITY : (best.at(-1)?.about ?? Number.NEGATIVE_INFINITY);
}

function largestOf(vector: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < vector.length; index++) largest = Math.max(largest, Math.abs(vector[index] ?? 0));
  return largest;
}

function lengthOf(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let index = 0; index < vector.length; index++) squares += (vector[index] ?? 0) ** 2;
  return Math.sqrt(squares);
}

function insertSorted(best: Near[], candidate: Near, limit: number): void {
  let [from, to] = [0, best.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const other = best[middle];
    if (other && isBefore(other, candidate)) from = middle + 1;
    else to = middle;
  }
  best.splice(from, 0, candidate);
  if (best.length > limit) best.pop();
}

function isBefore(one: Near, other: Near): boolean {
  return one.about === other.about ? one.id < other.id : one.about > other.about;
}
