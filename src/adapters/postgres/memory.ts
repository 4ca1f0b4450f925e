import { z } from 'zod';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { PastTicket } from '../../domain/issue.ts';
import type { Memory, MemoryQuery, Neighbour } from '../../domain/ports.ts';
import { InvertedIndex } from '../sparse/inverted-index.ts';
import { decodeVector, documentVector, encodeVector, queryVector } from '../sparse/vector.ts';
import type { Sql } from './sql.ts';

/** What a filter needs to know of a ticket without asking the database. */
interface Meta {
  readonly project: string;
  readonly createdMs: number;
  readonly securityLevel: string | null;
}

const IndexRow = z.object({
  id: z.string(),
  project: z.string(),
  created_at: z.date(),
  security_level: z.string().nullable(),
  sparse: z.instanceof(Uint8Array),
  is_forgotten: z.boolean(),
});

const TicketRow = z
  .object({
    id: z.string(),
    key: z.string(),
    project: z.string(),
    summary: z.string(),
    created_at: z.date(),
    security_level: z.string().nullable(),
    values: z.record(z.string(), z.object({ value: z.string(), by: z.enum(['human', 'machine']) })),
  })
  .transform(({ created_at, security_level, ...row }) => ({
    ...row,
    created: created_at.toISOString(),
    securityLevel: security_level,
  }));

/** Another process may have changed the table; look again when the last look is older than this. */
const REFRESH_AFTER_MS = 1_000;
const PAGE = 5_000;

/** Past tickets in PostgreSQL: the sparse half is searched in this process, the dense half by pgvector. */
export async function postgresMemory(sql: Sql): Promise<Memory> {
  const follower = new IndexFollower(sql);
  await follower.refresh();
  return {
    put: async (tickets) => {
      if (tickets.length > 0) await store(sql, tickets);
      await follower.refresh();
    },
    forget: async (ids) => {
      await sql.execute(
        `update triage.memory set is_forgotten = true, summary = '', body = '', "values" = '{}', sparse = '', embedding = null,
                changed_by = pg_current_xact_id() where id = any($1::text[])`,
        [ids],
      );
      await follower.refresh();
    },
    nearest: async (query) => {
      await follower.refreshWhenOld();
      const dense = query.embedding ? await denseHits(sql, query, query.embedding.vector) : null;
      return tickets(sql, fuse(query, sparseHits(follower.index, query), dense));
    },
    size: async () => {
      await follower.refreshWhenOld();
      return follower.index.size;
    },
  };
}

/** Throws `MisconfiguredError` when the database cannot compare vectors. */
export async function assertVectors(sql: Sql): Promise<void> {
  const types = await sql.rows(
    z.object({ typname: z.string() }),
    "select typname from pg_type where typname = 'vector'",
  );
  if (types.length > 0) return;
  throw new MisconfiguredError([
    'EMBEDDINGS_MODEL is set, but this PostgreSQL has no pgvector. Install it and run: create extension vector schema public',
  ]);
}

/**
 * An inverted index that follows the table. It asks for rows changed by transactions at or after the oldest one that
 * was still open at the last look, so a row that another process commits late is never missed.
 */
class IndexFollower {
  readonly index = new InvertedIndex<Meta>();
  readonly #sql: Sql;
  #horizon = '0';
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async refreshWhenOld(): Promise<void> {
    if (performance.now() - this.#refreshedAt > REFRESH_AFTER_MS) await this.refresh();
  }

  /** Callers at the same time share one look, but never one that began before their own change was stored. */
  async refresh(): Promise<void> {
    if (this.#refreshing) await this.#refreshing;
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
  }

  async #load(): Promise<void> {
    const [next] = await this.#sql.rows(
      z.object({ horizon: z.string() }),
      'select pg_snapshot_xmin(pg_current_snapshot())::text as horizon',
    );
    for (let after: string | null = ''; after !== null; ) after = await this.#loadPage(after);
    this.#horizon = next?.horizon ?? this.#horizon;
    this.#refreshedAt = performance.now();
  }

  /** Returns the id to go on after, null when this was the last page. */
  async #loadPage(after: string): Promise<string | null> {
    const rows = await this.#sql.rows(
      IndexRow,
      `select id, project, created_at, security_level, sparse, is_forgotten from triage.memory
        where changed_by >= $1::text::xid8 and id > $2 order by id limit ${PAGE}`,
      [this.#horizon, after],
    );
    for (const row of rows) {
      if (row.is_forgotten) this.index.remove(row.id);
      else this.index.put(row.id, decodeVector(row.sparse), metaOf(row));
    }
    return rows.length === PAGE ? (rows.at(-1)?.id ?? null) : null;
  }
}

function metaOf(row: z.infer<typeof IndexRow>): Meta {
  return { project: row.project, createdMs: row.created_at.getTime(), securityLevel: row.security_level };
}

async function store(sql: Sql, tickets: readonly PastTicket[]): Promise<void> {
  await sql.execute(
    `insert into triage.memory (id, key, project, summary, body, created_at, security_level, "values", sparse, embedding_model, embedding)
     select id, key, project, summary, body, created_at::timestamptz, security_level, vals::jsonb, decode(sparse, 'base64'), model, embedding::real[]
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
            as t (id, key, project, summary, body, created_at, security_level, vals, sparse, model, embedding)
     on conflict (id) do update set key = excluded.key, project = excluded.project, summary = excluded.summary, body = excluded.body,
       created_at = excluded.created_at, security_level = excluded.security_level, "values" = excluded."values", sparse = excluded.sparse,
       embedding_model = excluded.embedding_model, embedding = excluded.embedding, is_forgotten = false, changed_by = pg_current_xact_id()`,
    [
      tickets.map((ticket) => ticket.id),
      tickets.map((ticket) => ticket.key),
      tickets.map((ticket) => ticket.project),
      tickets.map((ticket) => ticket.summary),
      tickets.map((ticket) => ticket.text),
      tickets.map((ticket) => ticket.created),
      tickets.map((ticket) => ticket.securityLevel),
      tickets.map((ticket) => JSON.stringify(ticket.values)),
      tickets.map((ticket) =>
        Buffer.from(encodeVector(documentVector(`${ticket.summary}\n${ticket.text}`))).toString('base64'),
      ),
      tickets.map((ticket) => ticket.embedding?.model ?? null),
      tickets.map((ticket) => (ticket.embedding ? `{${ticket.embedding.vector.join(',')}}` : null)),
    ],
  );
}

interface Hit {
  readonly id: string;
  readonly score: number;
}

function sparseHits(index: InvertedIndex<Meta>, query: MemoryQuery): Hit[] {
  const projects = new Set(query.projects);
  const beforeMs = Date.parse(query.before);
  return index.search(
    queryVector(query.text),
    query.limit * 2,
    (meta, id) =>
      id !== query.excludeId &&
      meta.createdMs < beforeMs &&
      projects.has(meta.project) &&
      (meta.securityLevel === null ||
        (meta.project === query.readerProject && meta.securityLevel === query.readerLevel)),
  );
}

async function denseHits(sql: Sql, query: MemoryQuery, vector: readonly number[]): Promise<Hit[]> {
  return sql.rows(
    z.object({ id: z.string(), score: z.number() }),
    `select id, 1 - (embedding::vector <=> $1::vector) as score from triage.memory
      where embedding_model = $2 and cardinality(embedding) = $3 and not is_forgotten and id <> $4 and created_at < $5::timestamptz
        and project = any($6::text[]) and (security_level is null or (project = $7 and security_level = $9))
      order by embedding::vector <=> $1::vector limit $8`,
    [
      JSON.stringify(vector),
      query.embedding?.model ?? '',
      vector.length,
      query.excludeId,
      query.before,
      query.projects,
      query.readerProject,
      query.limit * 2,
      query.readerLevel,
    ],
  );
}

/** Weighted sum of the keyword score (as a share of the best) and the cosine similarity. */
function fuse(query: MemoryQuery, sparse: readonly Hit[], dense: readonly Hit[] | null): Hit[] {
  const best = sparse[0]?.score ?? 1;
  const keywordWeight = dense ? query.keywordWeight : 1;
  const sums = new Map<string, number>();
  for (const hit of sparse) sums.set(hit.id, (keywordWeight * hit.score) / best);
  for (const hit of dense ?? []) sums.set(hit.id, (sums.get(hit.id) ?? 0) + (1 - keywordWeight) * hit.score);
  return [...sums]
    .map(([id, score]) => ({ id, score }))
    .sort((left, right) => right.score - left.score || (left.id < right.id ? -1 : 1))
    .slice(0, query.limit);
}

async function tickets(sql: Sql, hits: readonly Hit[]): Promise<readonly Neighbour[]> {
  const rows = await sql.rows(
    TicketRow,
    `select id, key, project, summary, created_at, security_level, "values" from triage.memory where id = any($1::text[]) and not is_forgotten`,
    [hits.map((hit) => hit.id)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return hits.flatMap((hit) => {
    const ticket = byId.get(hit.id);
    return ticket ? [{ ticket, similarity: hit.score }] : [];
  });
}
