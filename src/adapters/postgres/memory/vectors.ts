import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { MemoryQuery } from '../../../domain/ports/memory.ts';
import { assertLength } from '../../../domain/ticket/embedding.ts';
import type { Embedding } from '../../../domain/ticket/issue.ts';
import type { NewVector, Space, VectorSpaces } from '../../../domain/ticket/space.ts';
import type { Hit } from '../../sparse/hits.ts';
import type { Sql } from '../sql.ts';
import { isWholeSoFar, missingIn } from './vector-gaps.ts';

/** Much quicker to read than an array, and the same for arrays and for pgvector's type but for the brackets. */
export const VectorText = z
  .string()
  .transform((text) => z.array(z.number()).parse(JSON.parse(`[${text.slice(1, -1)}]`)));

/** Vectors of past tickets in PostgreSQL; `version` ties each to the words it was made from. */
export function postgresSpaces(sql: Sql): VectorSpaces {
  return {
    live: () => spaceIn(sql, 'live'),
    building: () => spaceIn(sql, 'building'),
    open: async (space) => {
      await sql.execute('select triage.open_space($1, $2, $3)', [nameOf(space), space.model, space.dimensions]);
      await sweep(sql);
    },
    missing: (space) => missingIn(sql, nameOf(space)),
    store: (space, vectors) => store(sql, space, vectors),
    complete: async (space) => {
      if (!(await isWholeSoFar(sql, nameOf(space)))) return false;
      const [row] = await sql.rows(z.object({ is_live: z.boolean() }), 'select triage.complete_space($1) as is_live', [
        nameOf(space),
      ]);
      await sweep(sql);
      return row?.is_live ?? false;
    },
    sample: (space) => sample(sql, space),
  };
}

function nameOf({ model, dimensions }: Space): string {
  return `${model}@${dimensions}`;
}

async function spaceIn(sql: Sql, state: 'live' | 'building'): Promise<Space | null> {
  const [space] = await sql.rows(
    z.object({ model: z.string(), dimensions: z.number() }),
    'select model, dimensions from triage.spaces where state = $1',
    [state],
  );
  return space ?? null;
}

/** Numbers per statement: an embedded database takes two milliseconds for a thousand, on the thread that serves. */
const NUMBERS = 6_000;

/** A ticket that was forgotten or reworded meanwhile is locked out by its version. */
async function store(sql: Sql, space: Space, vectors: readonly NewVector[]): Promise<void> {
  for (const { vector } of vectors) assertLength(space, vector);
  const step = Math.max(1, Math.floor(NUMBERS / space.dimensions));
  for (let start = 0; start < vectors.length; start += step) {
    const some = vectors.slice(start, start + step);
    await sql.execute(
      `insert into triage.vectors (id, space, version, embedding)
       select m.id, s.name, m.version, t.embedding::real[]
         from unnest($1::text[], $2::text[], $3::text[]) as t (id, version, embedding)
         join triage.memory m on m.id = t.id and m.version = t.version and not m.is_forgotten
         join triage.spaces s on s.name = $4 and s.state <> 'old'
        order by m.id for share of m
       on conflict (space, id) do update set version = excluded.version, embedding = excluded.embedding`,
      [
        some.map(({ ticket }) => ticket.id),
        some.map(({ ticket }) => ticket.version),
        some.map(({ vector }) => `{${vector.join(',')}}`),
        nameOf(space),
      ],
    );
    await breathe();
  }
}

/** Rows per statement of the embedded database's thread. */
const SWEPT = 500;

/** Deletes the vectors of spaces that were given up or replaced; a crash in the middle is finished by the next sweep. */
async function sweep(sql: Sql): Promise<void> {
  const old = await sql.rows(z.object({ name: z.string() }), "select name from triage.spaces where state = 'old'");
  for (const { name } of old) {
    const isSwept = async () =>
      (await sql.execute(
        `delete from triage.vectors where ctid in (
           select v.ctid from triage.vectors v join triage.spaces s on s.name = v.space and s.state = 'old'
            where v.space = $1 order by v.id limit ${SWEPT})`,
        [name],
      )) < SWEPT;
    while (!(await isSwept())) await breathe();
    await sql.execute("delete from triage.spaces where name = $1 and state = 'old'", [name]);
  }
}

/** Some may be of words that are no more. */
const SAMPLED = 20;

async function sample(sql: Sql, space: Space): Promise<NewVector | null> {
  const [row] = await sql.rows(
    z.object({
      id: z.string(),
      summary: z.string(),
      text: z.string(),
      people: z.array(z.string()),
      version: z.string(),
      embedding: VectorText,
    }),
    `select m.id, m.summary, m.body as text, m.people, m.version, v.embedding::text
       from (select id, version, embedding from triage.vectors where space = $1 order by id limit ${SAMPLED}) v
       join triage.memory m on m.id = v.id and m.version = v.version and not m.is_forgotten limit 1`,
    [nameOf(space)],
  );
  if (!row) return null;
  const { embedding: vector, ...ticket } = row;
  return { ticket, vector };
}

/** Candidates per result in the first look, and how many times more in each further one. */
const SPARE = 4;
const GROWTH = 8;

/**
 * The dense half of a search. The nearest are found among all vectors of the space before anything is asked about their
 * tickets, which is twice as quick as joining all of both; when too few of them may be seen, it looks further.
 */
export async function denseHits(sql: Sql, query: MemoryQuery, embedding: Embedding): Promise<readonly Hit[]> {
  const wanted = query.limit * 2;
  for (let looked = wanted * SPARE; ; looked *= GROWTH) {
    const candidates = await nearestIn(sql, { query, embedding, looked });
    const visible = candidates.filter(({ is_visible }) => is_visible);
    if (visible.length >= wanted || candidates.length < looked) return visible.slice(0, wanted);
  }
}

/** A vector without direction is like nothing. */
function nearestIn(
  sql: Sql,
  { query, embedding, looked }: { readonly query: MemoryQuery; readonly embedding: Embedding; readonly looked: number },
) {
  return sql.rows(
    z.object({ id: z.string(), score: z.number(), is_visible: z.boolean() }),
    `select near.id, near.score, m.id is not null as is_visible
       from (select id, version, coalesce(1 - nullif(embedding::vector <=> $1::vector, 'NaN'), 0) as score
               from triage.vectors where space = $2 order by score desc, id limit $3) near
       left join triage.memory m on m.id = near.id and m.version = near.version and not m.is_forgotten
        and m.id <> $4 and m.created_at < $5::timestamptz and m.project = any($6::text[])
        and (m.security_level is null or (m.project = $7 and m.security_level = $8))
      order by near.score desc, near.id`,
    [
      JSON.stringify(embedding.vector),
      nameOf({ model: embedding.model, dimensions: embedding.vector.length }),
      looked,
      query.excludeId,
      query.before,
      query.projects,
      query.readerProject,
      query.readerLevel,
    ],
  );
}
