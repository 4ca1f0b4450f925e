import { z } from 'zod';
import type { PastWork, PastWorkQuery } from '../../../domain/ports/memory.ts';
import type { Sql } from '../sql.ts';

const WorkRow = z
  .object({
    value: z.string(),
    by: z.enum(['human', 'machine']),
    created_at: z.date(),
    reporter: z.string().nullable(),
    component: z.string().nullable(),
  })
  .transform(({ created_at, ...row }) => ({ ...row, createdMs: created_at.getTime() }));

/** Another process may have finished tickets; every new ticket asks, and the answer hardly changes. */
const FRESH_MS = 5_000;
/** An answer for one ticket also holds for another one that is hardly newer. */
const HARDLY_NEWER_MS = 60_000;

interface Kept {
  readonly at: number;
  readonly before: string;
  readonly work: readonly PastWork[];
}

/** `Memory.pastWork`, kept for a few seconds per project and target. `forget`: this process changed the table. */
export function openPastWork(sql: Sql) {
  const kept = new Map<string, Kept>();
  return {
    forget: () => kept.clear(),
    read: async (query: PastWorkQuery): Promise<readonly PastWork[]> => {
      const name = JSON.stringify([query.project, query.target, query.limit]);
      const known = kept.get(name);
      if (known && performance.now() - known.at < FRESH_MS && holdsFor(query, known)) return known.work;
      const at = performance.now();
      const work = await readWork(sql, query);
      kept.set(name, { at, before: query.before, work });
      return work;
    },
  };
}

function holdsFor({ before }: PastWorkQuery, known: Kept): boolean {
  const beforeMs = Date.parse(before);
  const [newest] = known.work;
  const isNewerThanAll = newest === undefined || newest.createdMs < beforeMs;
  return isNewerThanAll && beforeMs - Date.parse(known.before) < HARDLY_NEWER_MS;
}

/** The newest tickets of a project that are looked at; who finished older ones says nothing of now. */
const LOOKED_AT = 3_000;

/** In two steps: of all conditions at once the planner makes a walk through the whole project. */
function readWork(sql: Sql, { project, target, before, limit }: PastWorkQuery): Promise<readonly PastWork[]> {
  return sql.rows(
    WorkRow,
    `select "values" -> $2 ->> 'value' as value, "values" -> $2 ->> 'by' as by, created_at,
            context ->> 'reporter' as reporter, context ->> 'component' as component
       from (select id, created_at, "values", context from triage.memory
              where not is_forgotten and project = $1 and created_at < $3::timestamptz
              order by created_at desc, id desc limit ${LOOKED_AT}) newest
      where "values" ? $2 order by created_at desc, id desc limit $4`,
    [project, target, before, limit],
  );
}
