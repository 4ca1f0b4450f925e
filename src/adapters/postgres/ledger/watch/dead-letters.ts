import { z } from 'zod';
import type { DeadLetter } from '../../../../domain/decision/dead-letter.ts';
import type { DeadLetterLedger } from '../../../../domain/ports/dead-letters.ts';
import { type Sql, storableJson } from '../../sql.ts';
import { toOpenDelivery } from '../inbox.ts';

const LetterRow = z
  .object({
    id: z.string(),
    queue: z.string(),
    payload: z.unknown(),
    error: z.string(),
    history: z.array(z.string()),
    attempts: z.number(),
    buried_at: z.date(),
  })
  .transform(({ buried_at, ...row }): DeadLetter => ({ ...row, buriedAt: buried_at.toISOString() }));

const COLUMNS = 'id, queue, payload, error, history, attempts, buried_at';

/** The part of the ledger that deals with jobs out of attempts. */
export function postgresDeadLetters(sql: Sql): DeadLetterLedger {
  return {
    bury: (letter) => bury(sql, letter),
    deadLetters: (limit) =>
      sql.rows(LetterRow, `select ${COLUMNS} from triage.dead_letters order by buried_at desc, id limit $1`, [limit]),
    deadLetter: async (id) =>
      (await sql.rows(LetterRow, `select ${COLUMNS} from triage.dead_letters where id = $1`, [id]))[0] ?? null,
    deadLetterCounts: async () => {
      const rows = await sql.rows(
        z.object({ queue: z.string(), count: z.number() }),
        'select queue, count(*)::int as count from triage.dead_letters group by queue',
      );
      return Object.fromEntries(rows.map(({ queue, count }) => [queue, count]));
    },
    unbury: async (id) => (await sql.execute('delete from triage.dead_letters where id = $1', [id])) > 0,
    reopen: (deliveryId) => reopen(sql, deliveryId),
  };
}

async function bury(sql: Sql, { id, queue, payload, error, history, attempts, buriedAt }: DeadLetter): Promise<void> {
  await sql.execute(
    `insert into triage.dead_letters (${COLUMNS}) values ($1, $2, $3::jsonb, $4, $5::jsonb, $6, $7::timestamptz)
     on conflict (id) do update set queue = excluded.queue, payload = excluded.payload, error = excluded.error,
       history = excluded.history, attempts = excluded.attempts, buried_at = excluded.buried_at`,
    [id, queue, storableJson(payload), error, storableJson(history), attempts, buriedAt],
  );
}

async function reopen(sql: Sql, deliveryId: string): ReturnType<DeadLetterLedger['reopen']> {
  const [row] = await sql.rows(
    z.object({
      id: z.string(),
      attempt: z.number(),
      issue_id: z.string(),
      intent: z.enum(['triage', 'learn', 'forget']),
      is_forced: z.boolean(),
      overrides_humans: z.boolean(),
    }),
    `update triage.deliveries set state = 'accepted', reason = null, settled_at = null, received_at = now(), attempt = attempt + 1
      where id = $1 and state = 'failed' and issue_id is not null
     returning id, attempt, issue_id, intent, is_forced, overrides_humans`,
    [deliveryId],
  );
  return row ? toOpenDelivery({ ...row, decision_id: null }) : null;
}
