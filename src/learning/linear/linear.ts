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
export function separate(task: SeparatorTask): Separator {
  const descent = new Descent(task);
  for (let round = 0; round < MAX_ROUNDS && !descent.isDone; round++) descent.round();
  return { weights: descent.weights, bias: descent.bias };
}

/** One dual variable per member; the weights always are what the variables say they are. */
class Descent {
  readonly weights: Float32Array;
  bias = 0;
  isDone = false;
  readonly #task: SeparatorTask;
  readonly #alphas: Float64Array;
  readonly #diagonals: Float64Array;
  readonly #curvatures: Float64Array;
  /** The members still worth a look come first. */
  readonly #order: Uint32Array;
  #active: number;
  /** Members at their bound with a gradient above this are set aside until the end. */
  #ceiling = Number.POSITIVE_INFINITY;
  readonly #random: () => number;

  constructor(task: SeparatorTask) {
    const { rows, members, costs, seed } = task;
    this.#task = task;
    this.weights = new Float32Array(rows.width);
    this.#alphas = new Float64Array(members.length);
    this.#diagonals = Float64Array.from(costs, (cost) => 0.5 / cost);
    this.#curvatures = Float64Array.from(
      members,
      (row, index) => squaredLength(rows, row) + 1 + (this.#diagonals[index] ?? 0),
    );
    this.#order = Uint32Array.from(members.keys());
    this.#active = members.length;
    this.#random = generator(seed);
  }

  /** Goes through the active members once; ends when nothing moves even with all of them active. */
  round(): void {
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    shuffle(this.#order, this.#active, this.#random);
    for (let position = 0; position < this.#active; position++) {
      const projected = this.#visit(this.#order[position] ?? 0);
      if (projected === null) {
        this.#setAside(position--);
        continue;
      }
      if (projected > highest) highest = projected;
      if (projected < lowest) lowest = projected;
    }
    if (highest - lowest > TOLERANCE) {
      this.#ceiling = highest <= 0 ? Number.POSITIVE_INFINITY : highest;
      return;
    }
    this.isDone = this.#active === this.#order.length;
    this.#active = this.#order.length;
    this.#ceiling = Number.POSITIVE_INFINITY;
  }

  /** Moves one variable to its optimum; returns its projected gradient before, null when it can be set aside. */
  #visit(index: number): number | null {
    const { rows, members, signs } = this.#task;
    const row = members[index] ?? 0;
    const sign = signs[index] ?? 1;
    const alpha = this.#alphas[index] ?? 0;
    const gradient = (dot(rows, row, this.weights) + this.bias) * sign - 1 + alpha * (this.#diagonals[index] ?? 0);
    if (alpha === 0 && gradient > this.#ceiling) return null;
    const projected = alpha === 0 ? Math.min(gradient, 0) : gradient;
    if (Math.abs(projected) <= NOTHING) return projected;
    const next = Math.max(alpha - gradient / (this.#curvatures[index] ?? 1), 0);
    const change = (next - alpha) * sign;
    this.#alphas[index] = next;
    addScaled(rows, row, { weights: this.weights, factor: change });
    this.bias += change;
    return projected;
  }

  #setAside(position: number): void {
    this.#active--;
    const index = this.#order[position] ?? 0;
    this.#order[position] = this.#order[this.#active] ?? 0;
    this.#order[this.#active] = index;
  }
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
