import { documentVector } from '../../../src/adapters/sparse/vector.ts';
import { seeded } from '../many-tickets.ts';
import { wordsOf } from './past-tickets.ts';

/** Coordinates that a word moves. */
const SPREAD = 16;
const SAMPLED = 3_000;

/**
 * Stands in for an embedding model: the words of a text, weighed by how rare they are, thrown on a few directions at
 * random (Li, Hastie & Church 2006, "Very sparse random projections"). Near texts have near vectors, as with a model.
 */
export function openMeaning(dimensions: number): (text: string) => number[] {
  const frequency = new Map<number, number>();
  for (let number = 0; number < SAMPLED; number++)
    for (const term of documentVector(wordsOf(number).text).terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  return (text) => {
    const { terms, weights } = documentVector(text);
    const vector = Array<number>(dimensions).fill(0);
    for (const [index, term] of terms.entries()) {
      const random = seeded(term);
      const weight = (weights[index] ?? 0) * Math.log(SAMPLED / ((frequency.get(term) ?? 0) + 1));
      for (let step = 0; step < SPREAD; step++) {
        const at = Math.floor(random() * dimensions);
        vector[at] = (vector[at] ?? 0) + (random() < 0.5 ? weight : -weight);
      }
    }
    return vector;
  };
}

/** Vectors that are no nearer to one another than chance has it: the worst case of every approximate search. */
export function randomVector(dimensions: number, seed: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: dimensions }, () => random() + random() + random() + random() - 2);
}

/** The nearest of all that were shown, by comparing every one. */
export class ExactNeighbours {
  readonly #query: Float64Array;
  readonly #limit: number;
  #best: { readonly id: string; readonly score: number }[] = [];

  constructor(query: readonly number[], limit: number) {
    const length = Math.hypot(...query);
    this.#query = Float64Array.from(query, (value) => value / length);
    this.#limit = limit;
  }

  show(id: string, vector: readonly number[]): void {
    let [dot, squares] = [0, 0];
    for (let index = 0; index < vector.length; index++) {
      const value = vector[index] ?? 0;
      dot += value * (this.#query[index] ?? 0);
      squares += value * value;
    }
    const score = dot / Math.sqrt(squares);
    if (this.#best.length === this.#limit && score <= (this.#best.at(-1)?.score ?? 0)) return;
    this.#best = [...this.#best, { id, score }].sort((one, other) => other.score - one.score).slice(0, this.#limit);
  }

  /** The share of them that is among these. */
  recall(ids: readonly string[]): number {
    return this.#best.filter(({ id }) => ids.includes(id)).length / this.#best.length;
  }
}
