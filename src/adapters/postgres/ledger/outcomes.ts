import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { GroupQuality, Outcome, OverrideRate } from '../../../domain/decision/outcome.ts';
import type { OutcomeLedger } from '../../../domain/ports/ledger.ts';
import { byCode } from '../../../domain/ticket/text.ts';
import { type Sql, storableJson } from '../sql.ts';

export const OutcomeRow = z
  .object({
    decision_id: z.string(),
    issue_id: z.string(),
    issue_key: z.string(),
    project: z.string(),
    revision: z.string(),
    target: z.string(),
    value: z.string(),
    confidence: z.number(),
    how: z.enum(['written', 'suggested', 'shadowed', 'control']),
    result: z.enum(['confirmed', 'overridden', 'unjudged']),
    is_explicit: z.boolean(),
    to_value: z.string().nullable(),
    judged_by: z.string().nullable(),
    after_ms: z.number().nullable(),
    settled_after_ms: z.number().nullable(),
    is_finished: z.boolean(),
    judged_at: z.date(),
  })
  .transform(
    (row): Outcome => ({
      decisionId: row.decision_id,
      issueId: row.issue_id,
      issueKey: row.issue_key,
      project: row.project,
      revision: row.revision,
      target: row.target,
      value: row.value,
      confidence: row.confidence,
      how: row.how,
      result: row.result,
      isExplicit: row.is_explicit,
      to: row.to_value,
      by: row.judged_by,
      afterMs: row.after_ms,
      settledAfterMs: row.settled_after_ms,
      isFinished: row.is_finished,
      judgedAt: row.judged_at.toISOString(),
    }),
  );

const RateRow = z.object({
  target: z.string(),
  value: z.string(),
  revision: z.string(),
  judged: z.number(),
  overridden: z.number(),
});

/** The part of the ledger that deals with what people made of decisions. */
export function postgresOutcomes(
  sql: Sql,
): Pick<OutcomeLedger, 'recordOutcomes' | 'overrideRates' | 'overridden' | 'groupQuality'> {
  return {
    recordOutcomes: (outcomes) => recordOutcomes(sql, outcomes),
    overrideRates: (since) => overrideRates(sql, since),
    overridden: (since) =>
      sql.rows(
        OutcomeRow,
        `select * from triage.outcomes where judged_at >= $1::timestamptz and result = 'overridden' and to_value is not null
          order by judged_at desc, decision_id desc, target desc limit ${OVERRIDDEN}`,
        [since],
      ),
    groupQuality: (since) => groupQuality(sql, since),
  };
}

/** More corrections than these say nothing new. */
const OVERRIDDEN = 10_000;

/** One statement for all of them, in the same order everywhere, or overlapping batches of two replicas deadlock. */
async function recordOutcomes(sql: Sql, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  await sql.execute(
    `insert into triage.outcomes
       (decision_id, target, issue_id, issue_key, project, revision, value, confidence, how, result, is_explicit,
        to_value, judged_by, after_ms, settled_after_ms, is_finished, judged_at)
     select distinct on ("decisionId", target)
            "decisionId", target, "issueId", "issueKey", project, revision, value, confidence, how, result, "isExplicit",
            "to", "by", "afterMs", "settledAfterMs", "isFinished", "judgedAt"
       from rows from (jsonb_to_recordset($1::jsonb) as (
              "decisionId" text, target text, "issueId" text, "issueKey" text, project text, revision text, value text,
              confidence double precision, how text, result text, "isExplicit" boolean, "to" text, "by" text,
              "afterMs" double precision, "settledAfterMs" double precision, "isFinished" boolean,
              "judgedAt" timestamptz)) with ordinality
      order by "decisionId", target, ordinality desc
     on conflict (decision_id, target) do update
        set issue_id = excluded.issue_id, issue_key = excluded.issue_key, project = excluded.project,
            revision = excluded.revision, value = excluded.value, confidence = excluded.confidence, how = excluded.how,
            result = excluded.result, is_explicit = excluded.is_explicit, to_value = excluded.to_value,
            judged_by = excluded.judged_by, after_ms = excluded.after_ms, settled_after_ms = excluded.settled_after_ms,
            is_finished = excluded.is_finished, judged_at = excluded.judged_at`,
    [storableJson(outcomes)],
  );
}

/**
 * What was judged before a class's brake was last released has been looked at by a person, and pulls it no more; so has
 * the class where it stood beside others.
 */
function overrideRates(sql: Sql, since: string): Promise<readonly OverrideRate[]> {
  return sql.rows(
    RateRow,
    `select o.target, o.value, o.revision, count(*)::int as judged,
            (count(*) filter (where o.result = 'overridden'))::int as overridden
       from triage.outcomes o
       left join lateral (
         select max(released_at) as released_at from triage.brakes
          where target = o.target and (value = o.value or value = any (string_to_array(o.value, ' ')))
       ) b on true
      where o.how = 'written' and o.result <> 'unjudged' and o.judged_at >= $1::timestamptz
        and (b.released_at is null or o.judged_at > b.released_at)
      group by 1, 2, 3 order by 1, 2, 3`,
    [since],
  );
}

/** Outcomes looked at per statement: some 10 ms of an embedded database's thread. */
const WINDOW = 1_000;

/** A ticket that was decided twice counts once, as it was judged last. Ticket by ticket, in steps. */
async function groupQuality(sql: Sql, since: string): Promise<readonly GroupQuality[]> {
  const groups = new Map<string, FinishedRow[]>();
  for (let after: string | null = ''; after !== null; await breathe()) {
    const last = await lastIssue(sql, after);
    for (const row of last === null ? [] : await finishedIn(sql, { since, after, last })) {
      const name = JSON.stringify([row.target, row.group]);
      groups.set(name, groups.get(name) ?? []);
      groups.get(name)?.push(row);
    }
    after = last;
  }
  return [...groups.values()].flatMap((rows) => summed(rows)).sort(byTargetAndGroup);
}

/** The last ticket of the next window; null behind the last of all. */
async function lastIssue(sql: Sql, after: string): Promise<string | null> {
  const [row] = await sql.rows(
    z.object({ last: z.string().nullable() }),
    `select max(issue_id) as last from (
       select issue_id from triage.outcomes where issue_id > $1 order by issue_id limit ${WINDOW}) next`,
    [after],
  );
  return row?.last ?? null;
}

const FinishedRow = z.object({
  target: z.string(),
  group: z.enum(['treated', 'control']),
  result: z.enum(['confirmed', 'overridden', 'unjudged']),
  settled_after_ms: z.number().nullable(),
});
type FinishedRow = z.infer<typeof FinishedRow>;

interface Window {
  readonly since: string;
  readonly after: string;
  readonly last: string;
}

function finishedIn(sql: Sql, { since, after, last }: Window): Promise<FinishedRow[]> {
  return sql.rows(
    FinishedRow,
    `select distinct on (issue_id, target) target, result, settled_after_ms,
            case how when 'control' then 'control' else 'treated' end as "group"
       from triage.outcomes
      where issue_id > $2 and issue_id <= $3 and is_finished and judged_at >= $1::timestamptz
      order by issue_id, target, judged_at desc, decision_id desc`,
    [since, after, last],
  );
}

function summed(rows: readonly FinishedRow[]): GroupQuality[] {
  const [first] = rows;
  if (!first) return [];
  const { target, group } = first;
  const settled = rows.flatMap(({ settled_after_ms }) => settled_after_ms ?? []).sort((one, other) => one - other);
  return [
    {
      target,
      group,
      tickets: rows.length,
      judged: rows.filter(({ result }) => result !== 'unjudged').length,
      right: rows.filter(({ result }) => result === 'confirmed').length,
      // The lower of two in the middle, as a value that there is.
      medianSettledMs: settled[Math.ceil(settled.length / 2) - 1] ?? null,
    },
  ];
}

function byTargetAndGroup(one: GroupQuality, other: GroupQuality): number {
  return byCode(one.target, other.target) || byCode(one.group, other.group);
}
