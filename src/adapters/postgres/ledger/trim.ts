import { z } from 'zod';
import type { Sql } from '../sql.ts';
import { trimBursts } from './bursts.ts';

const OLD = `now() - $1::double precision * interval '1 day'`;

/**
 * A decision goes with its write in one statement, or it would look for a moment as if nothing had been written; the
 * write of an undo has no decision.
 */
const DECISIONS = `
  with decided as (
    delete from triage.decisions c where decided_at < ${OLD} and not exists
      (select 1 from triage.writes w where w.decision_id = c.id and (w.state = 'planned' or w.at >= ${OLD}))
    returning id
  ), written as (
    delete from triage.writes w where state <> 'planned' and at < ${OLD} and not exists
      (select 1 from triage.decisions c where c.id = w.decision_id and c.decided_at >= ${OLD})
    returning decision_id
  )
  select ((select count(*) from decided) + (select count(*) from written))::int as gone`;

/**
 * Outcomes stay at least as long as their decision. Brakes that are on stay. Audits stay twice as long: who did what is
 * asked when the details are long gone.
 */
const REST: readonly string[] = [
  `delete from triage.deliveries where state <> 'accepted' and settled_at < ${OLD}`,
  `delete from triage.outcomes o where judged_at < ${OLD} and not exists
     (select 1 from triage.decisions c where c.id = o.decision_id)`,
  `delete from triage.brakes where released_at < ${OLD}`,
  `delete from triage.turns where at < ${OLD}`,
  `delete from triage.turn_keys where at < ${OLD}`,
  `delete from triage.audits where at < now() - 2 * $1::double precision * interval '1 day'`,
  `delete from triage.answers where at < ${OLD}`,
];

/** Deletes what is older than this; returns how many rows went. */
export async function trim(sql: Sql, olderThanDays: number): Promise<number> {
  const [decisions] = await sql.rows(z.object({ gone: z.number() }), DECISIONS, [olderThanDays]);
  let gone = decisions?.gone ?? 0;
  for (const rule of REST) gone += await sql.execute(rule, [olderThanDays]);
  await sql.execute(`delete from triage.spending where day < ${OLD}`, [olderThanDays]);
  return gone + (await trimBursts(sql, olderThanDays));
}
