import { grouped } from '../../batching/grouped.ts';
import type { Memory, MemoryQuery } from '../../domain/ports/memory.ts';
import { isSameSpace, spaceOf, spacesFor } from '../../domain/ticket/embedding.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import type { VectorSpaces } from '../../domain/ticket/space.ts';
import { type Found, fuse, type Hit, sparseHalf } from '../sparse/hits.ts';
import { Follower } from './memory/follower.ts';
import { denseHits } from './memory/meanings.ts';
import { openPastWork } from './memory/past-work.ts';
import {
  countTickets,
  readCorrections,
  readExcerpts,
  readHits,
  readIds,
  readTickets,
  storeTickets,
} from './memory/table.ts';
import { postgresSpaces } from './memory/vectors.ts';
import type { Sql } from './sql.ts';

const TOGETHER = { maxSize: 16, maxRunning: 2 };

/**
 * Past tickets in PostgreSQL, searched in this process, which reads them when the first question comes; one that only
 * writes never does.
 */
export async function postgresMemory(sql: Sql): Promise<Memory> {
  const follower = new Follower(sql);
  const spaces = postgresSpaces(sql);
  const work = openPastWork(sql);
  // Tickets that came together often have the same neighbours.
  const ticketsOf = grouped(TOGETHER, (searches: readonly (readonly Found[])[]) => readHits(sql, searches));
  const follow = async () => {
    work.forget();
    if (follower.isLoaded) await follower.refresh();
  };
  return {
    put: async (tickets) => {
      if (tickets.length > 0) await put(sql, spaces, tickets);
      await follow();
    },
    forget: async (ids) => {
      await sql.execute('select triage.forget($1::text[])', [ids]);
      await follow();
    },
    nearest: async (query) => {
      await follower.refreshWhenOld();
      const half = sparseHalf(follower.words, query);
      const dense = await meant(query, { sql, spaces, follower });
      return ticketsOf(fuse(query, { ...half, dense }));
    },
    warmUp: () => follower.refreshWhenOld(),
    size: async () => {
      if (!follower.isLoaded) return countTickets(sql);
      await follower.refreshWhenOld();
      return follower.words.size;
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

interface Parts {
  readonly sql: Sql;
  readonly spaces: VectorSpaces;
  readonly follower: Follower;
}

/** Null when the query's vector is not of the live space. */
async function meant(query: MemoryQuery, { sql, spaces, follower }: Parts): Promise<readonly Hit[] | null> {
  const { embedding } = query;
  const live = embedding && (await spaces.live());
  if (!live || !isSameSpace(live, spaceOf(embedding))) return null;
  const vectors = await follower.meaningsIn(live);
  return denseHits(sql, { ...query, embedding }, { vectors, register: follower.words.register });
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
