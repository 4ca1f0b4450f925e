/** Low bits of a feature id; above them stands its block. */
export const BLOCK_BITS = 20;

/** Hashed features of one ticket, block after block; `counts[i]` occurrences of feature `ids[i]`. */
export interface FeatureCounts {
  readonly ids: Uint32Array;
  readonly counts: Uint16Array;
  /** Where each block ends in `ids`, in their order. */
  readonly ends: readonly number[];
}

const ROOM = 4_096;

/**
 * Counts features, block after block, in the order of their first occurrence. A ticket has a thousand of them, and a
 * `Map` for each block would be a tenth of what deciding allocates; so one tally, used again and again, holds them all.
 */
export class Tally {
  #ids = new Uint32Array(ROOM);
  #counts = new Uint32Array(ROOM);
  #size = 0;
  /** By hash: where in `ids` a feature of this block is, counted from one; 0: nowhere. */
  #slots = new Uint32Array(ROOM);
  #mask = 0;
  #ends: number[] = [];

  /** Begins the next block, in which features will be added at most so often. */
  begin(most: number): void {
    const needed = 2 ** Math.ceil(Math.log2(2 * most + 1));
    if (needed > this.#slots.length) this.#slots = new Uint32Array(needed);
    else this.#slots.fill(0, 0, needed);
    this.#mask = needed - 1;
    const room = this.#size + most;
    if (room <= this.#ids.length) return;
    this.#ids = grown(this.#ids, 2 * room);
    this.#counts = grown(this.#counts, 2 * room);
  }

  add(feature: number): void {
    const id = (this.#ends.length << BLOCK_BITS) | feature;
    for (let slot = feature & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = this.#slots[slot] ?? 0;
      if (at > 0 && this.#ids[at - 1] !== id) continue;
      const place = at > 0 ? at - 1 : this.#size++;
      this.#slots[slot] = place + 1;
      this.#ids[place] = id;
      this.#counts[place] = at > 0 ? (this.#counts[place] ?? 0) + 1 : 1;
      return;
    }
  }

  end(): void {
    this.#ends.push(this.#size);
  }

  /** What was counted; the tally is empty again. */
  take(): FeatureCounts {
    const [size, ends] = [this.#size, this.#ends];
    this.#size = 0;
    this.#ends = [];
    const counts = new Uint16Array(size);
    for (let place = 0; place < size; place++) counts[place] = Math.min(this.#counts[place] ?? 0, 0xffff);
    return { ids: this.#ids.slice(0, size), counts, ends };
  }
}

function grown(numbers: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(numbers);
  return larger;
}
