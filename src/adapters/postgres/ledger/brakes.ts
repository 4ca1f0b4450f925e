import { z } from 'zod';
import type { Brake } from '../../../domain/playbook/brake.ts';
import type { OutcomeLedger } from '../../../domain/ports/ledger.ts';
import type { Sql } from '../sql.ts';

const BrakeRow = z
  .object({
    id: z.string(),
    target: z.string(),
    value: z.string().nullable(),
    kind: z.enum(['override-rate', 'field-gone']),
    why: z.string(),
    pulled_at: z.date(),
  })
  .transform(({ pulled_at, ...row }): Brake => ({ ...row, pulledAt: pulled_at.toISOString() }));

const COLUMNS = 'id, target, value, kind, why, pulled_at';

/** The part of the ledger that deals with brakes; `brakes_on` lets one at a time be on for a class or target. */
export function postgresBrakes(sql: Sql): Pick<OutcomeLedger, 'pullBrake' | 'brakes' | 'releaseBrake'> {
  return {
    pullBrake: async ({ id, target, value, kind, why, pulledAt }) => {
      const pulled = await sql.execute(
        `insert into triage.brakes (${COLUMNS}) values ($1, $2, $3, $4, $5, $6::timestamptz) on conflict do nothing`,
        [id, target, value, kind, why, pulledAt],
      );
      return pulled > 0;
    },
    brakes: () =>
      sql.rows(BrakeRow, `select ${COLUMNS} from triage.brakes where released_at is null order by pulled_at, id`),
    releaseBrake: async (id, by) => {
      const [released] = await sql.rows(
        BrakeRow,
        `update triage.brakes set released_at = now(), released_by = $2 where id = $1 and released_at is null
         returning ${COLUMNS}`,
        [id, by],
      );
      return released ?? null;
    },
  };
}
