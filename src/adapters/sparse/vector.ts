import { hashOf, termsOf } from '../../domain/ticket/text.ts';

/** A sparse vector: `weights[i]` belongs to the hashed term `terms[i]`; terms ascend and are unique. */
export interface SparseVector {
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
}

/** Okapi BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework", eq. 3.15). */
const K1 = 1.2;
const B = 0.75;

/** Assumed mean length in terms. A constant, so that a stored weight never depends on what is stored later. */
const MEAN_LENGTH = 90;

/**
 * Longer words also count by their first letters, which finds inflected and compound forms in any language without a
 * stemmer for it. Measured on cross-validated history: +3 points of kNN accuracy on the invented desk, +0.5 on
 * English GitHub issues.
 */
const PREFIX = 5;

/**
 * The document half of BM25: term-frequency saturation and length normalisation, without idf. Whoever searches
 * multiplies by idf, so every store of these vectors ranks alike.
 */
export function documentVector(text: string): SparseVector {
  const counts = countTerms(text);
  let length = 0;
  for (const count of counts.values()) length += count;
  const norm = K1 * (1 - B + (B * length) / MEAN_LENGTH);
  return vectorOf(counts, (count) => (count * (K1 + 1)) / (count + norm));
}

/** The query half of BM25: each distinct term once. */
export function queryVector(text: string): SparseVector {
  return asQuery(documentVector(text));
}

/** A document as a query for its like. */
export function asQuery({ terms }: SparseVector): SparseVector {
  return { terms, weights: new Float32Array(terms.length).fill(1) };
}

function countTerms(text: string): Map<number, number> {
  const counts = new Map<number, number>();
  const count = (term: string) => {
    const hash = hashOf(term);
    counts.set(hash, (counts.get(hash) ?? 0) + 1);
  };
  for (const term of termsOf(text)) {
    count(term);
    if (term.length > PREFIX) count(`^${term.slice(0, PREFIX)}`);
  }
  return counts;
}

function vectorOf(counts: ReadonlyMap<number, number>, weigh: (count: number) => number): SparseVector {
  const terms = Uint32Array.from(counts.keys()).sort();
  const weights = new Float32Array(terms.length);
  for (let index = 0; index < terms.length; index++) weights[index] = weigh(counts.get(terms[index] ?? 0) ?? 0);
  return { terms, weights };
}

/** Little-endian bytes: all terms, then all weights. */
export function encodeVector({ terms, weights }: SparseVector): Uint8Array {
  const bytes = new Uint8Array(terms.length * 8);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < terms.length; index++) {
    view.setUint32(index * 4, terms[index] ?? 0, true);
    view.setFloat32((terms.length + index) * 4, weights[index] ?? 0, true);
  }
  return bytes;
}

/** The reverse of `encodeVector`. */
export function decodeVector(bytes: Uint8Array): SparseVector {
  const length = bytes.byteLength >>> 3;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [terms, weights] = [new Uint32Array(length), new Float32Array(length)];
  for (let index = 0; index < length; index++) {
    terms[index] = view.getUint32(index * 4, true);
    weights[index] = view.getFloat32((length + index) * 4, true);
  }
  return { terms, weights };
}
