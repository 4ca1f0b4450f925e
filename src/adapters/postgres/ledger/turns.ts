import { z } from 'zod';
import type { AuditLedger, TurnLedger } from '../../../domain/ports/ledger.ts';
import type { Sql } from '../sql.ts';

const TurnRow = z.object({ person: z.string() });

const AuditRow = z
  .object({ at: z.date(), actor: z.string(), action: z.string(), detail: z.string() })
  .transform(({ at, ...row }) => ({ ...row, at: at.toISOString() }));

/** The part of the ledger that says whose turn it is, and keeps what people made the service do. */
export function postgresTurns(sql: Sql): TurnLedger & AuditLedger {
  return {
    nextTurn: async ({ team, candidates, key }) => {
      if (candidates.length === 0) throw new Error(`nobody of ${team} is there to take a turn`);
      const [next] = await sql.rows(TurnRow, 'select triage.next_turn($1, $2::text[], $3) as person', [
        team,
        candidates,
        key,
      ]);
      return z.string().parse(next?.person);
    },
    audit: async ({ at, actor, action, detail }) => {
      await sql.execute('insert into triage.audits (at, actor, action, detail) values ($1::timestamptz, $2, $3, $4)', [
        at,
        actor,
        action,
        detail,
      ]);
    },
    audits: (limit) =>
      sql.rows(AuditRow, 'select at, actor, action, detail from triage.audits order by at desc, turn desc limit $1', [
        limit,
      ]),
  };
}
