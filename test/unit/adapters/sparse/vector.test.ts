import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeVector, documentVector, encodeVector, queryVector } from '../../../../src/adapters/sparse/vector.ts';

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
