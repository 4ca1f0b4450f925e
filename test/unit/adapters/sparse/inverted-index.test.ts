import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvertedIndex, type Scored } from '../../../../src/adapters/sparse/inverted-index.ts';
import { documentVector, queryVector, type SparseVector } from '../../../../src/adapters/sparse/vector.ts';

const words = fc.array(fc.constantFrom('printer', 'password', 'vpn', 'sap', 'mail', 'größe', '打印', 'x'), {
  maxLength: 8,
});
const texts = words.map((some) => some.join(' '));
const META = { project: 'IT', createdMs: 0, securityLevel: null };

/** What the index must agree with, to the last bit. */
class Reference {
  readonly #entries = new Map<string, SparseVector>();

  put(id: string, vector: SparseVector): void {
    this.#entries.set(id, vector);
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  search(query: SparseVector): Scored[] {
    const idf = new Map(Array.from(query.terms, (term) => [term, this.idf(term)] as const));
    return [...this.#entries]
      .map(([id, vector]) => ({ id, score: dot(query, vector, idf) }))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1));
  }

  idf(term: number): number {
    const frequency = [...this.#entries.values()].filter(({ terms }) => terms.includes(term)).length;
    return Math.log(1 + (this.#entries.size - frequency + 0.5) / (frequency + 0.5));
  }
}

function dot({ terms }: SparseVector, vector: SparseVector, idf: ReadonlyMap<number, number>): number {
  return terms.reduce((sum, term) => sum + (idf.get(term) ?? 0) * (vector.weights[vector.terms.indexOf(term)] ?? 0), 0);
}

interface Operation {
  readonly id: number;
  /** Null: it is removed. */
  readonly text: string | null;
  /** Whether somebody asks something afterwards. */
  readonly isAsked?: boolean;
}

function fill(operations: readonly Operation[]) {
  const index = new InvertedIndex();
  const reference = new Reference();
  for (const { id, text, isAsked } of operations) {
    const name = String(id);
    if (text === null) {
      index.remove(name);
      reference.remove(name);
    } else {
      index.put(name, documentVector(text), META);
      reference.put(name, documentVector(text));
    }
    if (isAsked) index.search(queryVector('printer'), 1, () => true);
  }
  return { index, reference };
}

const all = (index: InvertedIndex, text: string) => index.search(queryVector(text), 100_000, () => true);

describe('an inverted index', () => {
  const operation = fc.record({ id: fc.nat(12), text: fc.option(texts, { freq: 3 }), isAsked: fc.boolean() });

  test('finds, scores and orders as going through all entries would, after any puts, removals and questions', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), texts, (operations, query) => {
        const { index, reference } = fill(operations);
        expect(all(index, query)).toEqual(reference.search(queryVector(query)));
      }),
    );
  });

  test('tells what a copy would score, also of words that nobody has', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), texts, (operations, text) => {
        const { index, reference } = fill(operations);
        const idf = new Map(Array.from(queryVector(text).terms, (term) => [term, reference.idf(term)] as const));
        const expected = dot(queryVector(text), documentVector(text), idf);
        expect(index.scoreOf(queryVector(text), documentVector(text))).toBeCloseTo(expected, 12);
      }),
    );
  });

  const names = ['printer', 'password', 'vpn', 'sap', 'mail'];
  const textOf = (id: number) => `${names[id % 5]} ${names[(id * 7) % 5]} ${id % 13 === 0 ? 'größe' : ''}`;
  const questions = ['printer', 'vpn größe', 'sap mail password', 'unknown'];

  test('still does after it made room', () => {
    const put = Array.from({ length: 3_000 }, (_, id) => ({ id, text: textOf(id) }));
    const removed = put.filter(({ id }) => id % 3 !== 0).map(({ id }) => ({ id, text: null }));
    const replaced = put.filter(({ id }) => id % 6 === 0).map(({ id }) => ({ id, text: textOf(id + 1) }));
    const { index, reference } = fill([...put, ...removed, ...replaced]);
    expect(index.size).toBe(1_000);
    for (const query of questions) expect(all(index, query)).toEqual(reference.search(queryVector(query)));
  });

  test('holds more entries than a segment takes, and forgets them all', () => {
    const put = Array.from({ length: 20_000 }, (_, id) => ({ id, text: textOf(id) }));
    const { index, reference } = fill(put);
    for (const query of questions) expect(all(index, query)).toEqual(reference.search(queryVector(query)));
    for (const { id } of put) index.remove(String(id));
    expect(index.size).toBe(0);
    expect(questions.flatMap((query) => all(index, query))).toEqual([]);
    index.put('back', documentVector('printer'), META);
    const alone = fill([{ id: 1, text: 'printer' }]).reference.search(queryVector('printer'));
    expect(all(index, 'printer').map(({ score }) => score)).toEqual(alone.map(({ score }) => score));
  });

  test('the best few are the first of all', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 40 }),
        texts,
        fc.integer({ min: 1, max: 5 }),
        (operations, query, limit) => {
          const { index } = fill(operations);
          expect(index.search(queryVector(query), limit, () => true)).toEqual(all(index, query).slice(0, limit));
        },
      ),
    );
  });

  test('what is not accepted takes nobody’s place', () => {
    const { index } = fill([1, 2, 3, 4].map((id) => ({ id, text: 'printer' })));
    const isEven = (number: number) => Number(index.register.idOf(number)) % 2 === 0;
    expect(index.search(queryVector('printer'), 2, isEven).map(({ id }) => id)).toEqual(['2', '4']);
  });

  test('a search leaves no trace in the next one', () => {
    const { index } = fill([1, 2, 3].map((id) => ({ id, text: `printer ${id}` })));
    const first = all(index, 'printer 2');
    index.search(queryVector('printer'), 1, () => false);
    expect(all(index, 'printer 2')).toEqual(first);
  });

  test('an empty one finds nothing', () => {
    expect(all(new InvertedIndex(), 'printer')).toEqual([]);
  });
});
