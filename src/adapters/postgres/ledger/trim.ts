import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { Sql } from '../sql.ts';
import { trimBursts } from './bursts.ts';

const OLD = `now() - $1::double precision * interval '1 day'`;

/** Rows deleted per statement: months of them would hold an embedded database, and its thread, for seconds. */
const STEP = 500;

/** A decision goes with its write in one statement, or it would look for a moment as if nothing had been written. */
const DECISIONS = `
  with old as (
    select id from triage.decisions c where decided_at < ${OLD} and not exists
      (select 1 from triage.writes w where w.decision_id = c.id and (w.state = 'planned' or w.at >= ${OLD}))
     order by decided_at limit ${STEP}
  ), decided as (
    delete from triage.decisions where id in (select id from old) returning id
  ), written as (
    delete from triage.writes where decision_id in (select id from old) returning decision_id
  )
  select (select count(*) from decided)::int as decided, (select count(*) from written)::int as written`;

/** A table, and which of its rows go; `$1` is the age in days. */
type Rule = readonly [table: string, condition: string];

/**
 * Writes without a decision are those of undos. Outcomes stay at least as long as their decision. Brakes that are on
 * stay. Audits stay twice as long: who did what is asked when the details are long gone.
 */
const REST: readonly Rule[] = [
  [
    'triage.writes w',
    `state <> 'planned' and at < ${OLD} and not exists (select 1 from triage.decisions c where c.id = w.decision_id)`,
  ],
  ['triage.deliveries', `state <> 'accepted' and settled_at < ${OLD}`],
  [
    'triage.outcomes o',
    `judged_at < ${OLD} and not exists (select 1 from triage.decisions c where c.id = o.decision_id)`,
  ],
  ['triage.brakes', `released_at < ${OLD}`],
  ['triage.turns', `at < ${OLD}`],
  ['triage.turn_keys', `at < ${OLD}`],
  ['triage.audits', `at < now() - 2 * $1::double precision * interval '1 day'`],
  ['triage.dead_letters', `buried_at < ${OLD}`],
  ['triage.answers', `at < ${OLD}`],
];

/** Deletes what is older than this, step by step; returns how many rows went. */
export async function trim(sql: Sql, olderThanDays: number): Promise<number> {
  let gone = await untilNone(() => trimDecisions(sql, olderThanDays));
  for (const rule of REST) gone += await untilNone(() => trimRows(sql, rule, olderThanDays));
  await sql.execute(`delete from triage.spending where day < ${OLD}`, [olderThanDays]);
  return gone + (await trimBursts(sql, olderThanDays));
}

interface Step {
  readonly gone: number;
  readonly isLast: boolean;
}

async function untilNone(step: () => Promise<Step>): Promise<number> {
  for (let sum = 0; ; ) {
    const { gone, isLast } = await step();
    sum += gone;
    if (isLast) return sum;
    await breathe();
  }
}

async function trimDecisions(sql: Sql, olderThanDays: number): Promise<Step> {
  const [row] = await sql.rows(z.object({ decided: z.number(), written: z.number() }), DECISIONS, [olderThanDays]);
  const { decided = 0, written = 0 } = row ?? {};
  return { gone: decided + written, isLast: decided < STEP };
}

async function trimRows(sql: Sql, [table, condition]: Rule, olderThanDays: number): Promise<Step> {
  const gone = await sql.execute(
    `delete from ${table} where ctid = any (array(select ctid from ${table} where ${condition} limit ${STEP}))`,
    [olderThanDays],
  );
  return { gone, isLast: gone < STEP };
}
