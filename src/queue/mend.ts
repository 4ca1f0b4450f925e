import type { PgPool } from 'bullmq';
import { LOCK_MS, SKEW_MS } from './backend.ts';

/** Nobody asks for a longer pause. */
const LONGEST_PAUSE_MS = 3_600_000;

/** @NOTE BullMQ 6.7 keeps how long a job is to wait beside when its wait ends, in `delay_ms`. */
const DELAYED = `
  update bullmq.job set process_at_ms = $2::bigint + delay_ms
   where queue = $1 and state = 'delayed' and process_at_ms > $2::bigint + delay_ms + ${SKEW_MS}`;
const LOCKED = `
  update bullmq.job set locked_until_ms = $2::bigint + ${LOCK_MS}
   where queue = $1 and state = 'active' and locked_until_ms > $2::bigint + ${LOCK_MS + SKEW_MS}`;
const RESTING = `
  delete from bullmq.rate_limit where queue = $1 and expire_at_ms > $2::bigint + ${LONGEST_PAUSE_MS + SKEW_MS}`;
const CHECKED = `
  delete from bullmq.meta
   where queue = $1 and field = 'stalled-check' and value::bigint > $2::bigint + ${SKEW_MS}`;

/** @NOTE An idle worker of BullMQ 6.7 sleeps until the next wait ends, as long as it seemed to be when it fell asleep. */
const WAKE = `select pg_notify('bullmq_jobs', $1)`;

/**
 * Brings back to `now` what a clock that was ahead left in PostgreSQL: ends of waits, locks, pauses of a whole queue, and
 * when stalled jobs were last looked for. Every wait begins anew in full. Returns how many there were.
 */
export async function mendPostgres(pool: Pick<PgPool, 'query'>, queue: string, now: number): Promise<number> {
  let mended = 0;
  for (const statement of [DELAYED, LOCKED, RESTING, CHECKED])
    mended += (await pool.query(statement, [queue, now])).rowCount ?? 0;
  if (mended > 0) await pool.query(WAKE, [queue]);
  return mended;
}
