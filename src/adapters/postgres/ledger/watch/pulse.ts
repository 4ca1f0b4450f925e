import { z } from 'zod';
import type { PulseLedger } from '../../../../domain/ports/pulse.ts';
import type { Sql } from '../../sql.ts';

const BacklogRow = z
  .object({ open: z.number(), oldest_ms: z.number() })
  .transform(({ open, oldest_ms }) => ({ open, oldestMs: oldest_ms }));

const BACKLOG = `
  select count(*)::int as open,
         coalesce(extract(epoch from now() - min(received_at)) * 1000, 0)::double precision as oldest_ms
    from triage.deliveries where state = 'accepted'`;

const QualityRow = z
  .object({ target: z.string(), judged: z.number(), overridden: z.number(), calibration_error: z.number() })
  .transform(({ calibration_error, ...row }) => ({ ...row, calibrationError: calibration_error }));

const QUALITY = `
  with bins as (
    select target, least(floor(confidence * 10), 9) as bin, count(*) as n, sum(confidence) as sure,
           count(*) filter (where result = 'confirmed') as kept,
           count(*) filter (where how = 'written') as judged,
           count(*) filter (where how = 'written' and result = 'overridden') as overridden
      from triage.outcomes where result <> 'unjudged' and judged_at >= $1::timestamptz
     group by target, bin
  )
  select target, sum(judged)::int as judged, sum(overridden)::int as overridden,
         (sum(abs(sure - kept)) / sum(n))::double precision as calibration_error
    from bins group by target order by target`;

/** The part of the ledger that is watched. */
export function postgresPulse(sql: Sql): PulseLedger {
  return {
    backlog: async () => (await sql.rows(BacklogRow, BACKLOG))[0] ?? { open: 0, oldestMs: 0 },
    targetQuality: (since) => sql.rows(QualityRow, QUALITY, [since]),
  };
}
