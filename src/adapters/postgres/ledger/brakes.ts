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

/** Every decision and every write asks; a brake that another process pulled holds here so soon. */
const FRESH_MS = 1_000;

/** The part of the ledger that deals with brakes; `brakes_on` lets one at a time be on for a class or target. */
export function postgresBrakes(sql: Sql): Pick<OutcomeLedger, 'pullBrake' | 'brakes' | 'releaseBrake'> {
  let kept: { readonly at: number; readonly brakes: readonly Brake[] } | null = null;
  return {
    pullBrake: async ({ id, target, value, kind, why, pulledAt }) => {
      const pulled = await sql.execute(
        `insert into triage.brakes (${COLUMNS}) values ($1, $2, $3, $4, $5, $6::timestamptz) on conflict do nothing`,
        [id, target, value, kind, why, pulledAt],
      );
      kept = null;
      return pulled > 0;
    },
    brakes: async () => {
      const at = performance.now();
      if (kept && at - kept.at < FRESH_MS) return kept.brakes;
      const brakes = await sql.rows(
        BrakeRow,
        `select ${COLUMNS} from triage.brakes where released_at is null order by pulled_at, id`,
      );
      kept = { at, brakes };
      return brakes;
    },
    releaseBrake: async (id, by) => {
      const [released] = await sql.rows(
        BrakeRow,
        `update triage.brakes set released_at = now(), released_by = $2 where id = $1 and released_at is null
         returning ${COLUMNS}`,
        [id, by],
      );
      kept = null;
      return released ?? null;
    },
  };
}
