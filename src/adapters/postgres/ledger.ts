import { z } from 'zod';
import { type Decision, DecisionSchema } from '../../domain/decision.ts';
import type { Story, WriteRecord } from '../../domain/delivery.ts';
import { TransientError } from '../../domain/errors.ts';
import type { Ledger } from '../../domain/ports.ts';
import { postgresBursts, trimBursts } from './bursts.ts';
import { openDeliveries, receive } from './inbox.ts';
import type { Sql } from './sql.ts';

const DecisionRow = z.object({ decision: DecisionSchema });

const WriteRow = z
  .object({
    decision_id: z.string(),
    issue_id: z.string(),
    issue_key: z.string(),
    state: z.enum(['planned', 'applied', 'unchanged', 'dry-run', 'refused']),
    reason: z.string().nullable(),
    changes: z.record(z.string(), z.object({ before: z.string().nullable(), after: z.string().nullable() })),
    held_back: z.record(z.string(), z.string()),
    at: z.date(),
  })
  .transform((row) => ({
    decisionId: row.decision_id,
    issueId: row.issue_id,
    issueKey: row.issue_key,
    state: row.state,
    reason: row.reason,
    changes: row.changes,
    heldBack: row.held_back,
    at: row.at.toISOString(),
  }));

const DeliveryRow = z
  .object({
    id: z.string(),
    door: z.string(),
    event: z.string(),
    state: z.string(),
    reason: z.string().nullable(),
    attempt: z.number(),
    received_at: z.date(),
    settled_at: z.date().nullable(),
  })
  .transform(({ received_at, settled_at, ...row }) => ({
    ...row,
    receivedAt: received_at.toISOString(),
    settledAt: settled_at?.toISOString() ?? null,
  }));

/** The ledger on PostgreSQL, embedded or on a server. */
export function postgresLedger(sql: Sql): Ledger {
  return {
    ...postgresBursts(sql),
    receive: (deliveries) => (deliveries.length === 0 ? Promise.resolve([]) : receive(sql, deliveries)),
    openDeliveries: (olderThanMs, limit) => openDeliveries(sql, olderThanMs, limit),
    settle: async (deliveryId, attempt, end) => {
      await sql.execute(
        `update triage.deliveries set state = $3, reason = $4, settled_at = now() where id = $1 and attempt = $2 and state = 'accepted'`,
        [deliveryId, attempt, end.state, 'reason' in end ? end.reason : null],
      );
    },
    deliveryCounts: () => deliveryCounts(sql),
    recordDecision: (decision) => recordDecision(sql, decision),
    decision: async (id) =>
      (await sql.rows(DecisionRow, 'select decision from triage.decisions where id = $1', [id]))[0]?.decision ?? null,
    sameDecision: async ({ issueId, revision, inputHash, exceptDelivery }) => {
      const rows = await sql.rows(
        z.object({ id: z.string() }),
        `select c.id from triage.decisions c join triage.deliveries d on d.id = c.delivery_id
          where c.issue_id = $1 and c.revision = $2 and c.input_hash = $3 and c.delivery_id <> $4 and d.state <> 'failed'
          order by c.decided_at limit 1`,
        [issueId, revision, inputHash, exceptDelivery],
      );
      return rows[0]?.id ?? null;
    },
    write: async (decisionId) =>
      (await sql.rows(WriteRow, 'select * from triage.writes where decision_id = $1', [decisionId]))[0] ?? null,
    recordWrite: (record) => recordWrite(sql, record),
    story: (issueKey) => story(sql, issueKey),
    cursor: async (name) =>
      (await sql.rows(z.object({ value: z.string() }), 'select value from triage.cursors where name = $1', [name]))[0]
        ?.value ?? null,
    setCursor: async (name, value) => {
      if (value === null) await sql.execute('delete from triage.cursors where name = $1', [name]);
      else
        await sql.execute(
          'insert into triage.cursors values ($1, $2) on conflict (name) do update set value = excluded.value',
          [name, value],
        );
    },
    trim: (olderThanDays) => trim(sql, olderThanDays),
    ping: async () => void (await sql.execute('select 1')),
  };
}

async function deliveryCounts(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const rows = await sql.rows(
    z.object({ state: z.string(), count: z.number() }),
    'select state, count(*)::int as count from triage.deliveries group by state',
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

async function recordDecision(sql: Sql, decision: Decision): Promise<Decision> {
  const inserted = await sql.execute(
    `insert into triage.decisions (id, delivery_id, issue_id, issue_key, revision, input_hash, decided_at, decision)
     values ($1, $2, $3, $4, $5, $6, $7::timestamptz, $8::jsonb) on conflict (id) do nothing`,
    [
      decision.id,
      decision.deliveryId,
      decision.issueId,
      decision.issueKey,
      decision.revision,
      decision.inputHash,
      decision.decidedAt,
      JSON.stringify(decision),
    ],
  );
  if (inserted > 0) return decision;
  const [earlier] = await sql.rows(DecisionRow, 'select decision from triage.decisions where id = $1', [decision.id]);
  if (!earlier) throw new TransientError(`decision ${decision.id} was trimmed while it was made`);
  return earlier.decision;
}

/** `writes_one_in_flight` lets one decision at a time write to an issue; a finished write is never overwritten. */
async function recordWrite(sql: Sql, record: WriteRecord): Promise<WriteRecord> {
  const stored = await sql.execute(
    `insert into triage.writes (decision_id, issue_id, issue_key, state, reason, changes, held_back)
     select $1, $2, $3, $4, $5, $6::jsonb, $7::jsonb
      where $4 <> 'planned' or not exists
        (select 1 from triage.writes where issue_id = $2 and state = 'planned' and decision_id <> $1)
     on conflict (decision_id) do update
        set state = excluded.state, reason = excluded.reason, changes = excluded.changes, held_back = excluded.held_back, at = now()
      where triage.writes.state = 'planned'`,
    [
      record.decisionId,
      record.issueId,
      record.issueKey,
      record.state,
      record.reason,
      JSON.stringify(record.changes),
      JSON.stringify(record.heldBack),
    ],
  );
  if (stored > 0) return record;
  const [standing] = await sql.rows(WriteRow, 'select * from triage.writes where decision_id = $1', [
    record.decisionId,
  ]);
  if (standing && standing.state !== 'planned') return standing;
  throw new TransientError(`another decision is writing to ${record.issueKey}`);
}

/** Issues move and keys change: every key that the same issue had belongs to its story. */
const KEYS_OF = `
  with ids as (
    select issue_id from triage.decisions where issue_key = $1
    union select issue_id from triage.deliveries where issue_key = $1
  )
  select issue_key from triage.decisions where issue_id in (select issue_id from ids) union select $1::text as issue_key`;

async function story(sql: Sql, issueKey: string): Promise<Story> {
  const keys = (await sql.rows(z.object({ issue_key: z.string() }), KEYS_OF, [issueKey])).map((row) => row.issue_key);
  const of = (table: string, time: string) =>
    `select * from triage.${table} where issue_key = any($1::text[]) order by ${time}`;
  const deliveries = await sql.rows(DeliveryRow, of('deliveries', 'received_at'), [keys]);
  const decisions = await sql.rows(DecisionRow, of('decisions', 'decided_at'), [keys]);
  const writes = await sql.rows(WriteRow, of('writes', 'at'), [keys]);
  return { deliveries, decisions: decisions.map((row) => row.decision), writes };
}

async function trim(sql: Sql, olderThanDays: number): Promise<number> {
  const old = `now() - $1::double precision * interval '1 day'`;
  const deliveries = await sql.execute(
    `delete from triage.deliveries where state <> 'accepted' and settled_at < ${old}`,
    [olderThanDays],
  );
  const writes = await sql.execute(`delete from triage.writes where state <> 'planned' and at < ${old}`, [
    olderThanDays,
  ]);
  const decisions = await sql.execute(
    `delete from triage.decisions where decided_at < ${old} and not exists (select 1 from triage.writes where decision_id = id)`,
    [olderThanDays],
  );
  const answers = await sql.execute(`delete from triage.answers where at < ${old}`, [olderThanDays]);
  await sql.execute(`delete from triage.spending where day < ${old}`, [olderThanDays]);
  return deliveries + writes + decisions + answers + (await trimBursts(sql, olderThanDays));
}
