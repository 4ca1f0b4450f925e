import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { assertLength } from '../../../domain/ticket/embedding.ts';
import type { NewVector, Space, VectorSpaces } from '../../../domain/ticket/space.ts';
import type { Sql } from '../sql.ts';
import { base64Of, VectorBytes } from './vector-bytes.ts';
import { isWholeSoFar, missingIn } from './vector-gaps.ts';

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

/** How the database calls a space. */
export function nameOf({ model, dimensions }: Space): string {
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

/** Numbers per statement: some 15 ms of an embedded database, on the thread that serves. */
const NUMBERS = 40_000;

/** A ticket that was forgotten or reworded meanwhile is locked out by its version. */
async function store(sql: Sql, space: Space, vectors: readonly NewVector[]): Promise<void> {
  for (const { vector } of vectors) assertLength(space, vector);
  const step = Math.max(1, Math.floor(NUMBERS / space.dimensions));
  for (let start = 0; start < vectors.length; start += step) {
    const some = vectors.slice(start, start + step);
    await sql.execute(
      `insert into triage.vectors (id, space, version, embedding)
       select m.id, s.name, m.version, decode(t.embedding, 'base64')
         from unnest($1::text[], $2::text[], $3::text[]) as t (id, version, embedding)
         join triage.memory m on m.id = t.id and m.version = t.version and not m.is_forgotten
         join triage.spaces s on s.name = $4 and s.state <> 'old'
        order by m.id for share of m
       on conflict (space, id) do update set version = excluded.version, embedding = excluded.embedding, changed_by = pg_current_xact_id()`,
      [
        some.map(({ ticket }) => ticket.id),
        some.map(({ ticket }) => ticket.version),
        some.map(({ vector }) => base64Of(vector)),
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
      embedding: VectorBytes,
    }),
    `select m.id, m.summary, m.body as text, m.people, m.version, encode(v.embedding, 'base64') as embedding
       from (select id, version, embedding from triage.vectors where space = $1 order by id limit ${SAMPLED}) v
       join triage.memory m on m.id = v.id and m.version = v.version and not m.is_forgotten limit 1`,
    [nameOf(space)],
  );
  if (!row) return null;
  const { embedding, ...ticket } = row;
  return { ticket, vector: Array.from(embedding) };
}
