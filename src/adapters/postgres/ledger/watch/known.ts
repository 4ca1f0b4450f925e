import { z } from 'zod';
import type { Patience, SweepLedger } from '../../../../domain/ports/sweep.ts';
import type { Sql } from '../../sql.ts';

/** Ids per statement. */
const CHUNK = 1_000;

const KnownRow = z
  .object({
    id: z.string(),
    is_told: z.boolean(),
    heard_ago_ms: z.number().nullable(),
    wrote_ago_ms: z.number().nullable(),
  })
  .transform(
    (row) => [row.id, { isTold: row.is_told, heardAgoMs: row.heard_ago_ms, wroteAgoMs: row.wrote_ago_ms }] as const,
  );

/** Whatever told of a new issue, also where nothing was to be done about it. */
const TELLS = `(intent = 'triage' or event = 'jira:issue_created' or door = 'automation')`;

const KNOWN = `
  select t.id,
         exists (select 1 from triage.deliveries where issue_id = t.id and ${TELLS})
           or exists (select 1 from triage.decisions where issue_id = t.id) as is_told,
         (select ${age('max(received_at)')} from triage.deliveries
           where issue_id = t.id and intent in ('learn', 'forget')) as heard_ago_ms,
         (select ${age('max(at)')} from triage.writes where issue_id = t.id and state = 'applied') as wrote_ago_ms
    from unnest($1::text[]) as t (id)`;

function age(time: string): string {
  return `(extract(epoch from now() - ${time}) * 1000)::double precision`;
}

/** Who is asked by people and sweeps has more time; so has what waits for its grace to pass. */
const OVERDUE = `
  select count(*)::int as count from triage.deliveries d
   cross join lateral (
     select case when door in ('sweep', 'admin') then $2::double precision else $1::double precision end
            * interval '1 millisecond' as patience
   ) p
   where state = 'accepted' and received_at <= now() - patience
     and ($3::double precision = 0 or not exists (
       select 1 from triage.decisions c
        where c.delivery_id = d.id and decided_at > now() - patience - $3::double precision * interval '1 millisecond'))`;

/** The part of the ledger that is held against Jira. */
export function postgresKnown(sql: Sql): SweepLedger {
  const count = z.object({ count: z.number() });
  const id = z.object({ id: z.string() });
  return {
    knownIssues: async (ids) => {
      const known = [];
      for (let from = 0; from < ids.length; from += CHUNK)
        known.push(...(await sql.rows(KnownRow, KNOWN, [ids.slice(from, from + CHUNK)])));
      return new Map(known);
    },
    lastWritten: async (limit) => {
      const rows = await sql.rows(
        id,
        `select issue_id as id from (
           select issue_id, at from triage.writes where state = 'applied' and undone_by is null order by at desc limit $1
         ) newest group by issue_id order by max(at) desc`,
        [limit],
      );
      return rows.map((row) => row.id);
    },
    overdue: async ({ toldMs, askedMs, graceMs }: Patience) =>
      (await sql.rows(count, OVERDUE, [toldMs, askedMs, graceMs]))[0]?.count ?? 0,
  };
}
