import type { FeatureVector, Rarity } from './features.ts';

/** What the history taught, for every target; immutable, so that a decision uses one model throughout. */
export interface LocalModel {
  /** Fingerprint of the content: the same tickets, recipe and seed give the same version. */
  readonly version: string;
  readonly summary: ModelSummary;
  readonly rarity: Rarity;
  readonly targets: ReadonlyMap<string, LinearTarget>;
  readonly table: WeightTable;
}

export interface ModelSummary {
  readonly tickets: number;
  /** Creation times of the oldest and the newest ticket learnt from, ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly seed: number;
  /** Fingerprint of the recipe: targets and features; another recipe asks for another training. */
  readonly recipe: string;
}

export interface LearntClass {
  readonly value: string;
  /** How many past tickets carried it. */
  readonly tickets: number;
}

/** A target's classes; class `c` has the separator whose weights in the model's table count `scales[c]`. */
export interface LinearTarget {
  readonly classes: readonly LearntClass[];
  readonly biases: Float32Array;
  readonly scales: Float32Array;
}

/**
 * The separators of all targets by feature, so that whatever a feature says, of every class of every target, lies side
 * by side: looking for it costs more than adding it up.
 */
export interface WeightTable {
  /** Pairs, features ascending: a feature, and where its entries start. The last pair only ends those before it. */
  readonly rows: Uint32Array;
  /** The class, counted through all targets, above the lowest byte, and in that its weight, -127 to 127. */
  readonly entries: Uint32Array;
}

/** By target the margin of each class, in the order of its `classes`: above 0 the class's own separator says yes. */
export function marginsOf(
  { targets, table }: Pick<LocalModel, 'targets' | 'table'>,
  { ids, values }: FeatureVector,
): ReadonlyMap<string, Float32Array> {
  const { rows, entries } = table;
  // All are looked for before any is added up: so the processor fetches the next rows while it waits for one.
  const found = rowsFor(ids, rows);
  const sums = new Float32Array([...targets.values()].reduce((sum, { classes }) => sum + classes.length, 0));
  for (let position = 0; position < ids.length; position++) {
    const row = found[position] ?? -1;
    if (row === -1) continue;
    const value = values[position] ?? 0;
    const end = rows[2 * row + 3] ?? 0;
    for (let at = rows[2 * row + 1] ?? 0; at < end; at++) {
      const entry = entries[at] ?? 0;
      const index = entry >>> 8;
      sums[index] = (sums[index] ?? 0) + ((entry << 24) >> 24) * value;
    }
  }
  let first = 0;
  return new Map(
    [...targets].map(([name, { biases, scales }]) => {
      const own = sums.subarray(first, first + biases.length);
      first += biases.length;
      return [name, own.map((sum, index) => sum * (scales[index] ?? 0) + (biases[index] ?? 0))];
    }),
  );
}

/** By feature its row, -1 when it has none. */
function rowsFor(ids: Uint32Array, rows: Uint32Array): Int32Array {
  const buckets = bucketsOf(rows);
  const found = new Int32Array(ids.length);
  for (let position = 0; position < ids.length; position++) found[position] = find(rows, buckets, ids[position] ?? 0);
  return found;
}

/** Where features that begin with the same bits start among the rows: finding one then takes a step or two, not twenty. */
interface Buckets {
  readonly shift: number;
  readonly starts: Uint32Array;
}

const BUCKET_BITS = 16;
const known = new WeakMap<Uint32Array, Buckets>();

function bucketsOf(rows: Uint32Array): Buckets {
  const made = known.get(rows);
  if (made) return made;
  const count = rows.length / 2 - 1;
  const bits = 32 - Math.clz32(rows[2 * (count - 1)] ?? 0);
  const shift = Math.max(bits - BUCKET_BITS, 0);
  const starts = new Uint32Array(2 ** Math.min(bits, BUCKET_BITS) + 1);
  for (let row = 0; row < count; row++) {
    const bucket = ((rows[2 * row] ?? 0) >>> shift) + 1;
    starts[bucket] = (starts[bucket] ?? 0) + 1;
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  const buckets = { shift, starts };
  known.set(rows, buckets);
  return buckets;
}

/** The row of a feature, -1 when it has none. */
function find(rows: Uint32Array, { shift, starts }: Buckets, wanted: number): number {
  const bucket = wanted >>> shift;
  let low = starts[bucket] ?? rows.length;
  let high = (starts[bucket + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = rows[2 * middle] ?? 0;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
