import { z } from 'zod';
import type { Story } from '../../domain/decision/delivery.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import { AtHand } from './ledger/at-hand.ts';
import { postgresBrakes } from './ledger/brakes.ts';
import { postgresBursts } from './ledger/bursts.ts';
import { DecisionRow, OLDEST_FIRST, postgresDecisions } from './ledger/decisions.ts';
import { postgresInbox } from './ledger/inbox.ts';
import { OutcomeRow, postgresOutcomes } from './ledger/outcomes.ts';
import { trim } from './ledger/trim.ts';
import { postgresTurns } from './ledger/turns.ts';
import { postgresDeadLetters } from './ledger/watch/dead-letters.ts';
import { postgresKnown } from './ledger/watch/known.ts';
import { postgresPulse } from './ledger/watch/pulse.ts';
import { IDS_OF, postgresWrites, WriteRow } from './ledger/writes.ts';
import type { Sql } from './sql.ts';

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
  const atHand = new AtHand();
  return {
    ...postgresInbox(sql),
    ...postgresDecisions(sql, atHand),
    ...postgresWrites(sql, atHand),
    ...postgresBursts(sql),
    ...postgresOutcomes(sql),
    ...postgresBrakes(sql),
    ...postgresTurns(sql),
    ...postgresDeadLetters(sql),
    ...postgresKnown(sql),
    ...postgresPulse(sql),
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

/** Issues move and keys change: every key that the same issue had belongs to its story. */
const KEYS_OF = `
  with ids as (${IDS_OF})
  select issue_key from triage.decisions where issue_id in (select issue_id from ids)
  union select issue_key from triage.writes where issue_id in (select issue_id from ids)
  union select $1::text as issue_key`;

async function story(sql: Sql, issueKey: string): Promise<Story> {
  const keys = (await sql.rows(z.object({ issue_key: z.string() }), KEYS_OF, [issueKey])).map((row) => row.issue_key);
  const of = (table: string, order: string) =>
    `select * from triage.${table} where issue_key = any($1::text[]) order by ${order}`;
  const deliveries = await sql.rows(DeliveryRow, of('deliveries', 'received_at'), [keys]);
  const decisions = await sql.rows(DecisionRow, of('decisions', OLDEST_FIRST), [keys]);
  const writes = await sql.rows(WriteRow, of('writes', 'at'), [keys]);
  const outcomes = await sql.rows(OutcomeRow, of('outcomes', 'judged_at, decision_id, target'), [keys]);
  return { deliveries, decisions: decisions.map((row) => row.decision), writes, outcomes };
}
