import type { Separator } from './linear.ts';
import type { LinearTarget, WeightTable } from './model.ts';

/**
 * Most weights kept per target. Four bytes each: 12 million are 48 MB. Each class keeps its heaviest; measured on
 * real tickets the rest decides nothing.
 */
const MAX_ENTRIES = 12_000_000;
const LEVELS = 127;

/** The separators of one target, in the order of its classes, rounded to a byte per weight. */
export interface Rounded extends Pick<LinearTarget, 'biases' | 'scales'> {
  /** Of each class the columns that count, ascending, and their weights. */
  readonly kept: readonly { readonly columns: Uint32Array; readonly weights: Int8Array }[];
}

/** Rounds a target's separators; of many classes each keeps fewer weights. */
export function rounded(separators: Iterable<Separator>, classes: number): Rounded {
  const perClass = Math.ceil(MAX_ENTRIES / classes);
  const biases = new Float32Array(classes);
  const scales = new Float32Array(classes);
  const kept: Rounded['kept'][number][] = [];
  for (const { weights, bias } of separators) {
    let heaviest = 0;
    for (const weight of weights) heaviest = Math.max(heaviest, Math.abs(weight));
    const scale = heaviest / LEVELS || 1;
    biases[kept.length] = bias;
    scales[kept.length] = scale;
    // Not `Int8Array.from`, which takes ten times as long.
    const levels = new Int8Array(weights.length);
    for (let column = 0; column < levels.length; column++) levels[column] = Math.round((weights[column] ?? 0) / scale);
    kept.push(heaviestOf(levels, perClass));
  }
  return { biases, scales, kept };
}

function heaviestOf(levels: Int8Array, limit: number): Rounded['kept'][number] {
  const floor = floorOf(levels, limit);
  const columns = new Uint32Array(levels.reduce((sum, level) => sum + (Math.abs(level) >= floor ? 1 : 0), 0));
  const weights = new Int8Array(columns.length);
  let size = 0;
  for (let column = 0; column < levels.length; column++) {
    const level = levels[column] ?? 0;
    if (Math.abs(level) < floor) continue;
    columns[size] = column;
    weights[size++] = level;
  }
  return { columns, weights };
}

/** Turns separators into a table by feature; `features[i]` is the one behind column `i`, ascending. */
export function tableOf(targets: readonly Rounded[], features: Uint32Array): WeightTable {
  const classes = targets.flatMap(({ kept }) => kept);
  const counts = new Uint32Array(features.length);
  for (const { columns } of classes) for (const column of columns) counts[column] = (counts[column] ?? 0) + 1;
  const used = counts.reduce((sum, count) => sum + (count === 0 ? 0 : 1), 0);
  const rows = new Uint32Array(2 * (used + 1));
  const next = new Uint32Array(counts.length);
  let row = 0;
  let size = 0;
  for (let column = 0; column < counts.length; column++) {
    const count = counts[column] ?? 0;
    if (count === 0) continue;
    rows[row++] = features[column] ?? 0;
    rows[row++] = size;
    next[column] = size;
    size += count;
  }
  rows[row + 1] = size;
  const entries = new Uint32Array(size);
  for (const [index, { columns, weights }] of classes.entries()) {
    for (let position = 0; position < columns.length; position++) {
      const column = columns[position] ?? 0;
      const entry = next[column] ?? 0;
      entries[entry] = (index << 8) | ((weights[position] ?? 0) & 0xff);
      next[column] = entry + 1;
    }
  }
  return { rows, entries };
}

/** The lowest level, at least 1, at which no more than `limit` weights are as heavy. */
function floorOf(levels: Int8Array, limit: number): number {
  const histogram = new Uint32Array(LEVELS + 1);
  for (const level of levels) histogram[Math.abs(level)] = (histogram[Math.abs(level)] ?? 0) + 1;
  let heavier = 0;
  for (let level = LEVELS; level >= 1; level--) {
    heavier += histogram[level] ?? 0;
    if (heavier > limit) return level + 1;
  }
  return 1;
}
