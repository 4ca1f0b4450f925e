import type { FeatureVector, Rarity } from './features.ts';

/** What the history taught, for every target; immutable, so that a decision uses one model throughout. */
export interface LocalModel {
  /** Fingerprint of the content: the same tickets, recipe and seed give the same version. */
  readonly version: string;
  readonly summary: ModelSummary;
  readonly rarity: Rarity;
  readonly targets: ReadonlyMap<string, LinearTarget>;
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

/**
 * One separator per class, as a table from feature to the classes it speaks for or against. Feature `ids[i]` has the
 * entries `starts[i]` to `starts[i + 1]`: entry `e` adds `weights[e] * scales[c]` times its value to class
 * `c = classIndexes[e]`.
 */
export interface LinearTarget {
  readonly classes: readonly LearntClass[];
  readonly biases: Float32Array;
  readonly scales: Float32Array;
  /** Ascending. */
  readonly ids: Uint32Array;
  readonly starts: Uint32Array;
  readonly classIndexes: Uint16Array;
  readonly weights: Int8Array;
}

/** The margin of each class, in the order of `classes`: above 0 the class's own separator says yes. */
export function marginsOf(target: LinearTarget, { ids, values }: FeatureVector): Float32Array {
  const { biases, scales, starts, classIndexes, weights } = target;
  const sums = new Float32Array(biases.length);
  const buckets = bucketsOf(target.ids);
  for (let position = 0; position < ids.length; position++) {
    const row = find(target.ids, buckets, ids[position] ?? 0);
    if (row === -1) continue;
    const value = values[position] ?? 0;
    const end = starts[row + 1] ?? 0;
    for (let entry = starts[row] ?? 0; entry < end; entry++) {
      const index = classIndexes[entry] ?? 0;
      sums[index] = (sums[index] ?? 0) + (weights[entry] ?? 0) * value;
    }
  }
  return sums.map((sum, index) => sum * (scales[index] ?? 0) + (biases[index] ?? 0));
}

/** Where numbers that begin with the same bits start in an ascending list: finding one then takes a step or two, not twenty. */
interface Buckets {
  readonly shift: number;
  readonly starts: Uint32Array;
}

const BUCKET_BITS = 16;
const known = new WeakMap<Uint32Array, Buckets>();

function bucketsOf(sorted: Uint32Array): Buckets {
  const made = known.get(sorted);
  if (made) return made;
  const bits = 32 - Math.clz32(sorted.at(-1) ?? 0);
  const shift = Math.max(bits - BUCKET_BITS, 0);
  const starts = new Uint32Array(2 ** Math.min(bits, BUCKET_BITS) + 1);
  for (const id of sorted) {
    const bucket = (id >>> shift) + 1;
    starts[bucket] = (starts[bucket] ?? 0) + 1;
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  const buckets = { shift, starts };
  known.set(sorted, buckets);
  return buckets;
}

/** Position of a number in an ascending list, -1 when it is not there. */
function find(sorted: Uint32Array, { shift, starts }: Buckets, wanted: number): number {
  const bucket = wanted >>> shift;
  let low = starts[bucket] ?? sorted.length;
  let high = (starts[bucket + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] ?? 0;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
