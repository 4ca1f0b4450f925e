import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvertedIndex } from '../../../src/adapters/sparse/inverted-index.ts';
import {
  decodeVector,
  documentVector,
  encodeVector,
  queryVector,
  type SparseVector,
} from '../../../src/adapters/sparse/vector.ts';

const words = fc.array(fc.constantFrom('printer', 'password', 'vpn', 'sap', 'mail', 'größe', '打印', 'x'), {
  maxLength: 8,
});
const texts = words.map((some) => some.join(' '));

describe('a vector', () => {
  test('has unique terms in ascending order, and positive weights', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const { terms, weights } of [documentVector(text), queryVector(text)]) {
          expect([...terms]).toEqual([...new Set(terms)].sort((left, right) => left - right));
          expect(weights.length).toBe(terms.length);
          expect(weights.every((weight) => weight > 0)).toBe(true);
        }
      }),
    );
  });

  test('survives being written and read', () => {
    fc.assert(
      fc.property(texts, fc.nat(7), (text, offset) => {
        const vector = documentVector(text);
        const bytes = encodeVector(vector);
        // As a database hands it out: a view somewhere inside a larger buffer.
        const view = new Uint8Array(new Uint8Array([...Array(offset).fill(0), ...bytes]).buffer, offset);
        expect(decodeVector(view)).toEqual(vector);
      }),
    );
  });

  test('of no words is empty', () => {
    expect(documentVector('?!')).toEqual({ terms: new Uint32Array(), weights: new Float32Array() });
    expect(decodeVector(encodeVector(documentVector('')))).toEqual(documentVector(''));
  });

  test('a word that comes more often weighs more, but less each time', () => {
    const weight = (times: number) => documentVector('vpn '.repeat(times)).weights[0] ?? 0;
    expect(weight(2)).toBeGreaterThan(weight(1));
    expect(weight(2) - weight(1)).toBeGreaterThan(weight(3) - weight(2));
  });

  test('a word in a long text weighs less than in a short one', () => {
    const inText = (text: string) => {
      const [term] = queryVector('vpn').terms;
      const { terms, weights } = documentVector(text);
      return weights[terms.indexOf(term ?? 0)] ?? 0;
    };
    const long = Array.from({ length: 200 }, (_, index) => `w${index}`).join(' ');
    expect(inText(`vpn ${long}`)).toBeLessThan(inText('vpn'));
    expect(inText(`vpn ${long}`)).toBeGreaterThan(0);
  });

  test('of a query counts each word once', () => {
    expect(queryVector('vpn vpn vpn')).toEqual(queryVector('vpn'));
  });
});

/** What the index must agree with. */
class Reference {
  readonly #entries = new Map<string, SparseVector>();

  put(id: string, vector: SparseVector): void {
    this.#entries.set(id, vector);
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  scores(query: SparseVector): Map<string, number> {
    const all = [...this.#entries];
    const weightIn = (vector: SparseVector, term: number) => vector.weights[vector.terms.indexOf(term)] ?? 0;
    const frequency = (term: number) => all.filter(([, vector]) => vector.terms.includes(term)).length;
    const idf = new Map(
      [...query.terms].map((term) => [
        term,
        Math.log(1 + (all.length - frequency(term) + 0.5) / (frequency(term) + 0.5)),
      ]),
    );
    const scored = all.map(([id, vector]) => {
      const score = [...query.terms].reduce((sum, term) => sum + (idf.get(term) ?? 0) * weightIn(vector, term), 0);
      return [id, score] as const;
    });
    return new Map(scored.filter(([, score]) => score > 0));
  }
}

function fill(operations: readonly { readonly id: number; readonly text: string | null }[]) {
  const index = new InvertedIndex<number>();
  const reference = new Reference();
  for (const { id, text } of operations) {
    const name = String(id);
    if (text === null) {
      index.remove(name);
      reference.remove(name);
    } else {
      index.put(name, documentVector(text), id);
      reference.put(name, documentVector(text));
    }
  }
  return { index, reference };
}

function agree(index: InvertedIndex<number>, reference: Reference, query: SparseVector): void {
  const expected = reference.scores(query);
  const found = index.search(query, 10_000, () => true);
  expect(new Set(found.map(({ id }) => id))).toEqual(new Set(expected.keys()));
  for (const { id, score } of found) expect(score).toBeCloseTo(expected.get(id) ?? -1, 6);
  const scores = found.map(({ score }) => score);
  expect(scores).toEqual(scores.toSorted((left, right) => right - left));
}

describe('an inverted index', () => {
  const operation = fc.record({ id: fc.nat(12), text: fc.option(texts, { freq: 3 }) });

  test('finds and scores what going through all entries would, after any puts and removals', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), texts, (operations, query) => {
        const { index, reference } = fill(operations);
        agree(index, reference, queryVector(query));
      }),
    );
  });

  test('still does after it made room', () => {
    const names = ['printer', 'password', 'vpn', 'sap', 'mail'];
    const textOf = (id: number) => `${names[id % 5]} ${names[(id * 7) % 5]} ${id % 13 === 0 ? 'größe' : ''}`;
    const put = Array.from({ length: 3_000 }, (_, id) => ({ id, text: textOf(id) }));
    const removed = put.filter(({ id }) => id % 3 !== 0).map(({ id }) => ({ id, text: null }));
    const replaced = put.filter(({ id }) => id % 6 === 0).map(({ id }) => ({ id, text: textOf(id + 1) }));
    const { index, reference } = fill([...put, ...removed, ...replaced]);
    expect(index.size).toBe(1_000);
    for (const query of ['printer', 'vpn größe', 'sap mail password', 'unknown'])
      agree(index, reference, queryVector(query));
  });

  test('the best few are the first of all', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 40 }),
        texts,
        fc.integer({ min: 1, max: 5 }),
        (operations, query, limit) => {
          const { index } = fill(operations);
          const all = index.search(queryVector(query), 10_000, () => true);
          expect(index.search(queryVector(query), limit, () => true)).toEqual(all.slice(0, limit));
        },
      ),
    );
  });

  test('what is not accepted takes nobody’s place', () => {
    const { index } = fill([1, 2, 3, 4].map((id) => ({ id, text: 'printer' })));
    expect(index.search(queryVector('printer'), 2, (id) => id % 2 === 0).map(({ id }) => id)).toEqual(['2', '4']);
  });

  test('a search leaves no trace in the next one', () => {
    const { index } = fill([1, 2, 3].map((id) => ({ id, text: `printer ${id}` })));
    const first = index.search(queryVector('printer 2'), 10, () => true);
    index.search(queryVector('printer'), 1, () => false);
    expect(index.search(queryVector('printer 2'), 10, () => true)).toEqual(first);
  });

  test('an empty one finds nothing', () => {
    expect(new InvertedIndex<null>().search(queryVector('printer'), 10, () => true)).toEqual([]);
  });
});
