import { z } from 'zod';
import type { MemoryQuery } from '../../../domain/ports/memory.ts';
import { spaceOf } from '../../../domain/ticket/embedding.ts';
import type { Embedding } from '../../../domain/ticket/issue.ts';
import type { QuantisedIndex } from '../../dense/quantised-index.ts';
import type { Hit } from '../../sparse/hits.ts';
import type { Register } from '../../sparse/register.ts';
import type { Sql } from '../sql.ts';
import { VectorBytes } from './vector-bytes.ts';
import { nameOf } from './vectors.ts';

/** Candidates per result in the first look, and how many times more in each further one. */
const SPARE = 3;
const GROWTH = 8;

export interface Meanings {
  readonly vectors: QuantisedIndex;
  readonly register: Register;
}

/**
 * The dense half of a search. The best few by their quantised vectors are compared again by what is stored, which also
 * tells whose words are others by now; when too few are left, it looks further.
 */
export async function denseHits(
  sql: Sql,
  query: MemoryQuery & { readonly embedding: Embedding },
  { vectors, register }: Meanings,
): Promise<readonly Hit[]> {
  const wanted = query.limit * 2;
  const filter = { accept: register.visibleTo(query), idOf: (number: number) => register.idOf(number) };
  for (let looked = wanted * SPARE; ; looked *= GROWTH) {
    const near = await vectors.nearest(query.embedding.vector, looked, filter);
    const compared = await compare(
      sql,
      query.embedding,
      near.map(({ id }) => id),
    );
    if (compared.length >= wanted || near.length < looked) return compared.slice(0, wanted);
  }
}

/** Best first; ties by id. */
async function compare(sql: Sql, embedding: Embedding, ids: readonly string[]): Promise<Hit[]> {
  const rows = await sql.rows(
    z.object({ id: z.string(), embedding: VectorBytes }),
    // Lateral with a limit: else the planner may go through whole indexes for a few rows.
    `select v.id, encode(v.embedding, 'base64') as embedding from unnest($2::text[]) as asked (id)
      cross join lateral (select id, version, embedding from triage.vectors where space = $1 and id = asked.id limit 1) v
      cross join lateral (
        select 1 from triage.memory where id = v.id and version = v.version and not is_forgotten limit 1) m`,
    [nameOf(spaceOf(embedding)), ids],
  );
  return rows
    .map(({ id, embedding: stored }) => ({ id, score: cosine(stored, embedding.vector) }))
    .sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1));
}

/** 0 when one of them has no direction. */
function cosine(one: Float32Array, other: readonly number[]): number {
  let [dot, squares, otherSquares] = [0, 0, 0];
  for (let index = 0; index < one.length; index++) {
    const [a, b] = [one[index] ?? 0, other[index] ?? 0];
    dot += a * b;
    squares += a * a;
    otherSquares += b * b;
  }
  return squares === 0 || otherSquares === 0 ? 0 : dot / Math.sqrt(squares * otherSquares);
}
