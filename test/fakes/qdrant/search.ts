import { atLengthOne, byChance, type Collection } from './collection.ts';
import { matches } from './filter.ts';
import { Refusal, wrongInput } from './reply.ts';
import type { Point, Query, Sparse } from './shapes.ts';

export interface Scored {
  readonly point: Point;
  readonly score: number;
}

/** The best points by one vector, in single precision throughout; the order of equal ones means nothing. */
export function search(collection: Collection, { query, using, filter, limit }: Query): Scored[] {
  const all = Array.isArray(query) ? byMeaning(collection, using, query) : byWords(collection, using, query);
  const found = filter ? all.filter(({ point }) => matches(filter, point, collection.indexes)) : all;
  const worst = Float64Array.from(found, ({ score }) => -score).sort()[limit - 1];
  return found
    .filter(({ score }) => worst === undefined || score >= -worst)
    .sort((one, other) => other.score - one.score || byChance(one.point.id, other.point.id))
    .slice(0, limit);
}

function byMeaning({ config, points }: Collection, using: string, query: readonly number[]): Scored[] {
  const params = Object.hasOwn(config.vectors, using) ? config.vectors[using] : undefined;
  if (!params) throw wrongInput(`Not existing vector name error: ${using}`);
  if (params.size !== query.length)
    throw wrongInput(`Vector dimension error: expected dim: ${params.size}, got ${query.length}`);
  const asked = atLengthOne(query);
  return [...points.values()].flatMap((point) => {
    const vector = point.vectors[using];
    if (!Array.isArray(vector)) return [];
    let score = 0;
    for (const [index, number] of vector.entries())
      score = Math.fround(score + Math.fround(number * (asked[index] ?? 0)));
    return [{ point, score }];
  });
}

/** Dot products weighted by ln(1 + (N − n + 0.5) / (n + 0.5)), over all points with such a vector, filtered or not. */
function byWords(collection: Collection, using: string, { indices, values }: Sparse): Scored[] {
  const { sparse_vectors: known } = collection.config;
  const params = Object.hasOwn(known, using) ? known[using] : null;
  if (!params) throw wrongInput(`Not existing vector name error: ${using}`);
  if (indices.length === 0) throw new Refusal(422, 'Validation error: a sparse query needs an index');
  const { documents, postings } = postingsOf(collection, using);
  const scores = new Map<Point, number>();
  for (const [place, index] of indices.entries()) {
    const posting = postings.get(index) ?? [];
    const idf = Math.fround(Math.log((documents - posting.length + 0.5) / (posting.length + 0.5) + 1));
    const weight = Math.fround((values[place] ?? 0) * (params.modifier === 'idf' ? idf : 1));
    for (const { point, value } of posting)
      scores.set(point, Math.fround((scores.get(point) ?? 0) + Math.fround(weight * value)));
  }
  return [...scores].map(([point, score]) => ({ point, score }));
}

interface Postings {
  readonly changes: number;
  /** Points that have such a vector. */
  readonly documents: number;
  readonly postings: ReadonlyMap<number, readonly { readonly point: Point; readonly value: number }[]>;
}

const built = new WeakMap<Collection, Postings>();

/** Which points have which index, built anew after each change. */
function postingsOf(collection: Collection, using: string): Postings {
  const known = built.get(collection);
  if (known?.changes === collection.changes) return known;
  const postings = new Map<number, { point: Point; value: number }[]>();
  let documents = 0;
  for (const point of collection.points.values()) {
    const vector = point.vectors[using];
    if (!vector || Array.isArray(vector)) continue;
    documents++;
    for (const [place, index] of vector.indices.entries()) {
      const posting = postings.get(index) ?? [];
      posting.push({ point, value: vector.values[place] ?? 0 });
      postings.set(index, posting);
    }
  }
  const fresh = { changes: collection.changes, documents, postings };
  built.set(collection, fresh);
  return fresh;
}
