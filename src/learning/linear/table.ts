import type { Separator } from './linear.ts';
import type { LinearTarget } from './model.ts';

export type Entries = Omit<LinearTarget, 'classes'>;

/**
 * Most weights kept per target. Three bytes each: 12 million are 36 MB. Each class keeps its heaviest; measured on
 * real tickets the rest decides nothing.
 */
const MAX_ENTRIES = 12_000_000;
const LEVELS = 127;

/** Rounds the separators of many classes to a byte per weight and turns them into a table by feature. */
export class Table {
  readonly #columns: Uint32Array;
  readonly #perClass: number;
  readonly #biases: number[] = [];
  readonly #scales: number[] = [];
  readonly #kept: { readonly columns: Uint32Array; readonly weights: Int8Array }[] = [];

  /** `columns[i]` is the feature behind weight `i` of every separator. */
  constructor(classes: number, columns: Uint32Array) {
    this.#columns = columns;
    this.#perClass = Math.ceil(MAX_ENTRIES / classes);
  }

  /** Classes come in their order, 0 first. */
  add(index: number, { weights, bias }: Separator): void {
    const heaviest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const scale = heaviest / LEVELS || 1;
    const rounded = Int8Array.from(weights, (weight) => Math.round(weight / scale));
    const floor = floorOf(rounded, this.#perClass);
    const columns = new Uint32Array(rounded.reduce((sum, level) => sum + (Math.abs(level) >= floor ? 1 : 0), 0));
    const levels = new Int8Array(columns.length);
    let size = 0;
    for (let column = 0; column < rounded.length; column++) {
      const level = rounded[column] ?? 0;
      if (Math.abs(level) < floor) continue;
      columns[size] = column;
      levels[size++] = level;
    }
    this.#kept[index] = { columns, weights: levels };
    this.#biases[index] = bias;
    this.#scales[index] = scale;
  }

  finish(): Entries {
    const counts = new Uint32Array(this.#columns.length);
    for (const { columns } of this.#kept) for (const column of columns) counts[column] = (counts[column] ?? 0) + 1;
    const used = Uint32Array.from([...counts.keys()].filter((column) => counts[column] !== 0));
    const starts = new Uint32Array(used.length + 1);
    const next = new Uint32Array(counts.length);
    for (const [row, column] of used.entries()) {
      next[column] = starts[row] ?? 0;
      starts[row + 1] = (starts[row] ?? 0) + (counts[column] ?? 0);
    }
    const size = starts[used.length] ?? 0;
    const classIndexes = new Uint16Array(size);
    const weights = new Int8Array(size);
    for (const [index, kept] of this.#kept.entries()) {
      for (let position = 0; position < kept.columns.length; position++) {
        const column = kept.columns[position] ?? 0;
        const entry = next[column] ?? 0;
        classIndexes[entry] = index;
        weights[entry] = kept.weights[position] ?? 0;
        next[column] = entry + 1;
      }
    }
    return {
      biases: Float32Array.from(this.#biases),
      scales: Float32Array.from(this.#scales),
      ids: used.map((column) => this.#columns[column] ?? 0),
      starts,
      classIndexes,
      weights,
    };
  }
}

/** The lowest level, at least 1, at which no more than `limit` weights are as heavy. */
function floorOf(rounded: Int8Array, limit: number): number {
  const histogram = new Uint32Array(LEVELS + 1);
  for (const level of rounded) histogram[Math.abs(level)] = (histogram[Math.abs(level)] ?? 0) + 1;
  let heavier = 0;
  for (let level = LEVELS; level >= 1; level--) {
    heavier += histogram[level] ?? 0;
    if (heavier > limit) return level + 1;
  }
  return 1;
}
