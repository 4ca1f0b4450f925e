import { z } from 'zod';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Memory } from '../../domain/ports/memory.ts';
import { isSameSpace, spaceOf, spacesFor } from '../../domain/ticket/embedding.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import type { VectorSpaces } from '../../domain/ticket/space.ts';
import { fuse, type Meta, sparseHits } from '../sparse/hits.ts';
import { InvertedIndex } from '../sparse/inverted-index.ts';
import { decodeVector } from '../sparse/vector.ts';
import { openPastWork } from './memory/past-work.ts';
import { readCorrections, readExcerpts, readHits, readIds, readTickets, storeTickets } from './memory/table.ts';
import { denseHits, postgresSpaces } from './memory/vectors.ts';
import type { Sql } from './sql.ts';

const IndexRow = z.object({
  id: z.string(),
  project: z.string(),
  created_at: z.date(),
  security_level: z.string().nullable(),
  sparse: z.instanceof(Uint8Array),
  is_forgotten: z.boolean(),
  is_correction: z.boolean(),
});

/** Another process may have changed the table; look again when the last look is older than this. */
const REFRESH_AFTER_MS = 1_000;
const PAGE = 5_000;

/** Past tickets in PostgreSQL: the sparse half is searched in this process, the dense half by pgvector. */
export async function postgresMemory(sql: Sql): Promise<Memory> {
  const follower = new IndexFollower(sql);
  const spaces = postgresSpaces(sql);
  const work = openPastWork(sql);
  await follower.refresh();
  return {
    put: async (tickets) => {
      if (tickets.length > 0) await put(sql, spaces, tickets);
      work.forget();
      await follower.refresh();
    },
    forget: async (ids) => {
      await sql.execute('select triage.forget($1::text[])', [ids]);
      work.forget();
      await follower.refresh();
    },
    nearest: async (query) => {
      await follower.refreshWhenOld();
      const live = query.embedding && (await spaces.live());
      const isComparable = live && query.embedding && isSameSpace(live, spaceOf(query.embedding));
      const dense = isComparable ? await denseHits(sql, query, query.embedding) : null;
      const hits = fuse(query, { sparse: sparseHits(follower.index, query), dense }, follower.index);
      return readHits(sql, hits);
    },
    size: async () => {
      await follower.refreshWhenOld();
      return follower.index.size;
    },
    tickets: () => readTickets(sql),
    ids: (after, limit) => readIds(sql, after, limit),
    pastWork: work.read,
    excerpts: (ids) => readExcerpts(sql, ids),
    corrections: async (query) => {
      await follower.refreshWhenOld();
      return follower.corrections.size === 0 ? [] : readCorrections(sql, query);
    },
    spaces,
  };
}

/** Words first: a crash before the vectors leaves tickets that count as missing in their space. */
async function put(sql: Sql, spaces: VectorSpaces, tickets: readonly PastTicket[]): Promise<void> {
  const takers = await spacesFor(
    tickets.flatMap(({ embedding }) => embedding ?? []),
    spaces,
  );
  const versions = await storeTickets(sql, tickets);
  for (const space of takers) {
    const vectors = tickets.flatMap(({ embedding, ...ticket }) =>
      embedding && isSameSpace(space, spaceOf(embedding))
        ? [{ ticket: { ...ticket, version: versions.get(ticket.id) ?? '' }, vector: embedding.vector }]
        : [],
    );
    await spaces.store(space, vectors);
  }
}

/** Throws `MisconfiguredError` when the database cannot compare vectors. Where it has learnt to, they get its own type. */
export async function assertVectors(sql: Sql): Promise<void> {
  const types = await sql.rows(
    z.object({ typname: z.string() }),
    "select typname from pg_type where typname = 'vector'",
  );
  if (types.length > 0) return void (await sql.execute('select triage.use_pgvector()'));
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
  /** Ids of tickets where people corrected us; most desks start with none. */
  readonly corrections = new Set<string>();
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
      `select id, project, created_at, security_level, sparse, is_forgotten, is_correction from triage.memory
        where changed_by >= $1::text::xid8 and id > $2 order by id limit ${PAGE}`,
      [this.#horizon, after],
    );
    for (const row of rows) {
      if (row.is_forgotten) this.index.remove(row.id);
      else this.index.put(row.id, decodeVector(row.sparse), metaOf(row));
      if (row.is_correction && !row.is_forgotten) this.corrections.add(row.id);
      else this.corrections.delete(row.id);
    }
    return rows.length === PAGE ? (rows.at(-1)?.id ?? null) : null;
  }
}

function metaOf(row: z.infer<typeof IndexRow>): Meta {
  return { project: row.project, createdMs: row.created_at.getTime(), securityLevel: row.security_level };
}
