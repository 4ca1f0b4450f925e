import { z } from 'zod';
import type { PastTicket } from '../../../domain/ticket/issue.ts';
import { documentVector, queryVector } from '../../sparse/vector.ts';
import { answered, type Qdrant } from '../client.ts';
import { WORDS } from '../points.ts';

interface Known {
  /** In how many tickets the term occurs. */
  readonly frequency: number;
  readonly atMs: number;
}

/** Rare words change slowly, and what this process stores it notices itself. */
const FRESH_MS = 120_000;
const SIZE_FRESH_MS = 1_000;
const MOST_TERMS = 50_000;
/** Questions per request; a ticket has some 150 different terms, most of them asked before. */
const BATCH = 100;

const Words = z.object({ [WORDS]: z.object({ indices: z.array(z.number()), values: z.array(z.number()) }) });

/**
 * How rare words are in one collection. Qdrant weighs them but does not say how: what the best ticket for a single term
 * scores, divided by that term's weight in it, is its idf = ln((N + 1) / (n + 0.5)), from which n follows.
 */
export class TermStatistics {
  readonly #qdrant: Qdrant;
  readonly #frequencies = new Map<number, Known>();
  #collection = '';
  #size: { readonly count: number; readonly atMs: number } | null = null;

  constructor(qdrant: Qdrant) {
    this.#qdrant = qdrant;
  }

  /** How many tickets a collection has, as Qdrant counts them for idf; a second old at most. */
  async size(collection: string): Promise<number> {
    this.#of(collection);
    if (this.#size && performance.now() - this.#size.atMs < SIZE_FRESH_MS) return this.#size.count;
    const atMs = performance.now();
    const { count } = await answered(this.#qdrant.quick.count(collection, { exact: false }));
    this.#size = { count, atMs };
    return count;
  }

  /** What a copy of this text would score by its words. */
  async selfScore(text: string, collection: string): Promise<number> {
    const { terms, weights } = documentVector(text);
    const size = await this.size(collection);
    const frequencies = await this.#lookUp([...terms], collection, size);
    return terms.reduce((sum, term, index) => {
      const idf = Math.log((size + 1) / ((frequencies.get(term) ?? 0) + 0.5));
      return sum + idf * (weights[index] ?? 0);
    }, 0);
  }

  /** This process put tickets: their terms are looked up again. Those they had before may be minutes old. */
  noticePut(tickets: readonly Pick<PastTicket, 'summary' | 'text'>[]): void {
    this.#size = null;
    for (const { summary, text } of tickets) {
      for (const term of queryVector(`${summary}\n${text}`).terms) this.#frequencies.delete(term);
    }
  }

  /** This process removed tickets, nobody knows with which words. */
  noticeForgotten(): void {
    this.#size = null;
    this.#frequencies.clear();
  }

  async #lookUp(terms: readonly number[], collection: string, size: number): Promise<ReadonlyMap<number, number>> {
    const staleMs = performance.now() - FRESH_MS;
    const isKnown = (term: number) => (this.#frequencies.get(term)?.atMs ?? Number.NEGATIVE_INFINITY) > staleMs;
    const known = new Map(terms.filter(isKnown).map((term) => [term, this.#frequencies.get(term)?.frequency ?? 0]));
    const unknown = terms.filter((term) => !known.has(term));
    const starts = Array.from({ length: Math.ceil(unknown.length / BATCH) }, (_, index) => index * BATCH);
    const asked = await Promise.all(
      starts.map((start) => this.#ask(unknown.slice(start, start + BATCH), collection, size)),
    );
    const found = new Map(asked.flat());
    this.#keep(found);
    return new Map([...known, ...found]);
  }

  async #ask(terms: readonly number[], collection: string, size: number): Promise<(readonly [number, number])[]> {
    const searches = terms.map((term) => ({
      query: { indices: [term], values: [1] },
      using: WORDS,
      limit: 1,
      with_vector: [WORDS],
      with_payload: false,
    }));
    const answers = await answered(this.#qdrant.quick.queryBatch(collection, { searches }));
    return terms.map((term, index) => {
      const [best] = answers[index]?.points ?? [];
      const words = Words.safeParse(best?.vector).data?.[WORDS];
      const weight = words?.values[words.indices.indexOf(term)];
      if (!best || !weight) return [term, 0] as const;
      return [term, Math.max((size + 1) / Math.exp(best.score / weight) - 0.5, 0)] as const;
    });
  }

  #keep(found: ReadonlyMap<number, number>): void {
    const atMs = performance.now();
    for (const [term, frequency] of found) {
      this.#frequencies.delete(term);
      this.#frequencies.set(term, { frequency, atMs });
    }
    for (const term of this.#frequencies.keys()) {
      if (this.#frequencies.size <= MOST_TERMS) return;
      this.#frequencies.delete(term);
    }
  }

  /** Another collection has other tickets. */
  #of(collection: string): void {
    if (collection === this.#collection) return;
    this.#collection = collection;
    this.noticeForgotten();
  }
}
