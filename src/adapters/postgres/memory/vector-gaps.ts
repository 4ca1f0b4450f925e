import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { Embeddable } from '../../../domain/ticket/space.ts';
import type { Sql } from '../sql.ts';

/** As many as one embedding request takes, so that a crash loses no more than that. */
const PAGE = 64;
/** Tickets looked at per statement: four milliseconds of an embedded database's thread. */
const WINDOW = 250;

/** Tickets that have no vector of their present words in this space. */
export async function* missingIn(sql: Sql, space: string): AsyncGenerator<readonly Embeddable[]> {
  const horizon = await readHorizon(sql, space);
  for await (const rows of windows(sql, space, horizon?.start ?? '0')) {
    const ids = rows.flatMap(({ id, is_missing }) => (is_missing ? [id] : []));
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = await readWords(sql, ids.slice(start, start + PAGE));
      if (page.length > 0) yield page;
    }
  }
}

/**
 * Whether every ticket has its vector, looked up in small steps. What was found whole need not be looked at again:
 * a vector is only lost when its ticket changes.
 */
export async function isWholeSoFar(sql: Sql, space: string): Promise<boolean> {
  const horizon = await readHorizon(sql, space);
  if (!horizon) return false;
  let isStill = true;
  for await (const rows of windows(sql, space, horizon.start)) {
    if (rows.some(({ is_missing }) => is_missing)) return false;
    isStill = false;
  }
  if (isStill) return true;
  await sql.execute(
    'update triage.spaces set whole_before = $2::text::xid8 where name = $1 and whole_before = $3::text::xid8',
    [space, horizon.end, horizon.stored],
  );
  return true;
}

/** Where to start looking, and from where on nothing that is seen now need be looked at again. */
async function readHorizon(sql: Sql, space: string) {
  const [horizon] = await sql.rows(
    z.object({ stored: z.string(), start: z.string(), end: z.string() }),
    // A database that was restored elsewhere counts its transactions anew.
    `select whole_before::text as stored, now_open::text as "end",
            (case when whole_before > now_open then '0' else whole_before end)::text as start
       from triage.spaces, pg_snapshot_xmin(pg_current_snapshot()) as now_open where name = $1 and state <> 'old'`,
    [space],
  );
  return horizon ?? null;
}

const WindowRow = z.object({ id: z.string(), changed_by: z.string(), is_missing: z.boolean() });

/** Tickets in the order of their last change; one that changes meanwhile comes again at the end. */
async function* windows(sql: Sql, space: string, from: string): AsyncGenerator<readonly z.infer<typeof WindowRow>[]> {
  let last = { changed_by: from, id: '' };
  for (;;) {
    const rows = await sql.rows(
      WindowRow,
      // Lateral with a limit: else the planner may read all vectors for each window.
      `select m.id, m.changed_by::text as changed_by, v.id is null as is_missing
         from (select id, changed_by, version from triage.memory
                where (changed_by, id) > ($2::text::xid8, $3) and not is_forgotten order by changed_by, id limit ${WINDOW}) m
         left join lateral (select id from triage.vectors where id = m.id and space = $1 and version = m.version limit 1) v on true
        order by m.changed_by, m.id`,
      [space, last.changed_by, last.id],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < WINDOW) return;
    last = rows.at(-1) ?? last;
    await breathe();
  }
}

function readWords(sql: Sql, ids: readonly string[]): Promise<readonly Embeddable[]> {
  return sql.rows(
    z.object({
      id: z.string(),
      summary: z.string(),
      text: z.string(),
      people: z.array(z.string()),
      version: z.string(),
    }),
    `select id, summary, body as text, people, version from triage.memory
      where id = any($1::text[]) and not is_forgotten order by changed_by, id`,
    [ids],
  );
}
