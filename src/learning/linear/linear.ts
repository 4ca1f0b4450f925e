/** Many sparse vectors in one place: row `i` spans `starts[i]` to `starts[i + 1]` of `ids` and `values`. */
export interface Rows {
  readonly starts: Uint32Array;
  /** Below `width`. */
  readonly ids: Uint32Array;
  readonly values: Float32Array;
  readonly width: number;
}

export interface Separator {
  /** One weight per feature. */
  readonly weights: Float32Array;
  readonly bias: number;
}

export interface SeparatorTask {
  readonly rows: Rows;
  /** The rows to learn from. */
  readonly members: Uint32Array;
  /** Per member: 1 belongs to the class, -1 does not. */
  readonly signs: Int8Array;
  /** Per member: how much its mistake costs. */
  readonly costs: Float32Array;
  readonly seed: number;
}

/** As LIBLINEAR's default; the scores serve a ranking, a tighter optimum changed no decision on real tickets. */
const TOLERANCE = 0.1;
const MAX_ROUNDS = 30;
const NOTHING = 1e-12;

/**
 * A linear support vector machine for one class against the rest: squared hinge loss, dual coordinate descent with
 * shrinking (Hsieh et al. 2008, "A Dual Coordinate Descent Method for Large-scale Linear SVM", algorithm 3), the bias
 * being the weight of a constant feature. The same task with the same seed gives the same numbers.
 */
export function separate({ rows, members, signs, costs, seed }: SeparatorTask): Separator {
  const size = members.length;
  const weights = new Float32Array(rows.width);
  const alphas = new Float64Array(size);
  const diagonals = Float64Array.from(costs, (cost) => 0.5 / cost);
  const curvatures = Float64Array.from(members, (row, index) => squaredLength(rows, row) + 1 + (diagonals[index] ?? 0));
  const order = Uint32Array.from(members.keys());
  const random = generator(seed);
  let bias = 0;
  let active = size;
  let ceiling = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    shuffle(order, active, random);
    for (let position = 0; position < active; position++) {
      const index = order[position] ?? 0;
      const row = members[index] ?? 0;
      const sign = signs[index] ?? 1;
      const alpha = alphas[index] ?? 0;
      const gradient = (dot(rows, row, weights) + bias) * sign - 1 + alpha * (diagonals[index] ?? 0);
      if (alpha === 0 && gradient > ceiling) {
        active--;
        order[position--] = order[active] ?? 0;
        order[active] = index;
        continue;
      }
      const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
      highest = Math.max(highest, projected);
      lowest = Math.min(lowest, projected);
      if (Math.abs(projected) <= NOTHING) continue;
      const next = Math.max(alpha - gradient / (curvatures[index] ?? 1), 0);
      alphas[index] = next;
      const change = (next - alpha) * sign;
      addScaled(rows, row, { weights, factor: change });
      bias += change;
    }
    if (highest - lowest <= TOLERANCE) {
      if (active === size) break;
      active = size;
      ceiling = Number.POSITIVE_INFINITY;
    } else ceiling = highest <= 0 ? Number.POSITIVE_INFINITY : highest;
  }
  return { weights, bias };
}

function dot({ starts, ids, values }: Rows, row: number, weights: Float32Array): number {
  const end = starts[row + 1] ?? 0;
  let sum = 0;
  for (let position = starts[row] ?? 0; position < end; position++) {
    sum += (weights[ids[position] ?? 0] ?? 0) * (values[position] ?? 0);
  }
  return sum;
}

function addScaled(
  { starts, ids, values }: Rows,
  row: number,
  { weights, factor }: { readonly weights: Float32Array; readonly factor: number },
): void {
  const end = starts[row + 1] ?? 0;
  for (let position = starts[row] ?? 0; position < end; position++) {
    const id = ids[position] ?? 0;
    weights[id] = (weights[id] ?? 0) + factor * (values[position] ?? 0);
  }
}

function squaredLength({ starts, values }: Rows, row: number): number {
  const end = starts[row + 1] ?? 0;
  let sum = 0;
  for (let position = starts[row] ?? 0; position < end; position++) sum += (values[position] ?? 0) ** 2;
  return sum;
}

/** Fisher–Yates over the first `length` entries. */
function shuffle(order: Uint32Array, length: number, random: () => number): void {
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32, public domain). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
