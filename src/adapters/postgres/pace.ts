import { z } from 'zod';
import type { Ask, Books } from '../jira/pace/books.ts';
import { issueNamed } from '../jira/pace/books.ts';
import type { Sql } from './sql.ts';

const Turn = z.object({ wait_ms: z.number(), scope: z.enum(['issue', 'endpoint', 'site']) });
/** Rows that nobody touched for longer than any pause say nothing any more. */
const TIDY_EVERY_MS = 10 * 60_000;

/** Books in PostgreSQL, by its clock: one function call for all requests of a round trip, under short row locks. */
export function postgresBooks(sql: Sql, now: () => number = Date.now): Books {
  let tidiedAt = now();
  const tidy = async () => {
    if (now() - tidiedAt < TIDY_EVERY_MS) return;
    tidiedAt = now();
    // Locked rows are in use; whoever deletes must not wait for who books.
    await sql.execute(`delete from triage.pace where name in (
      select name from triage.pace where touched_at < now() - interval '2 hours' for update skip locked)`);
  };
  return {
    book: async (asks) => {
      const rows = await sql.rows(
        Turn,
        'select wait_ms, scope from triage.pace_book($1, $2, $3, $4, $5)',
        columns(asks),
      );
      await tidy();
      return rows.map(({ wait_ms: waitMs, scope }) => ({ waitMs, scope }));
    },
    heed: async (verdict) => {
      const pauseMs = verdict.kind === 'pause' ? verdict.pauseMs : null;
      const share = verdict.kind === 'ease' ? verdict.share : null;
      await sql.rows(z.unknown(), 'select triage.pace_heed($1, $2, $3)', [verdict.what, pauseMs, share]);
    },
  };
}

function columns(asks: readonly Ask[]) {
  return [
    asks.map(({ endpoint }) => endpoint),
    asks.map(({ perSecond }) => perSecond),
    asks.map(({ issue }) => (issue === null ? null : issueNamed(issue))),
    asks.map(({ maxWaitMs }) => maxWaitMs),
    asks.map(({ isDue }) => isDue),
  ];
}
