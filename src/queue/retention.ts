import type { JobsOptions, PgPool } from 'bullmq';

/** Of finished jobs, per queue: the newest so many stay, failed ones for so long at most. */
const KEPT = { completed: 100, failed: 10_000, failedSeconds: 14 * 24 * 3600 } as const;

/** Of past events, per queue and about. Nobody reads them. */
export const KEPT_EVENTS = 1_000;

/** For a backend that trims while a job ends. */
export const KEEP_FEW: Pick<JobsOptions, 'removeOnComplete' | 'removeOnFail'> = {
  removeOnComplete: { count: KEPT.completed },
  removeOnFail: { age: KEPT.failedSeconds, count: KEPT.failed },
};

/**
 * For PostgreSQL. BullMQ 6.7 would go through all jobs that are kept with each one that ends, and two that end at once
 * deadlock there: a job that was done then runs again. So it trims nothing, and `retention` does now and then.
 */
export const KEEP_ALL: Pick<JobsOptions, 'removeOnComplete' | 'removeOnFail'> = {
  removeOnComplete: false,
  removeOnFail: false,
};

/** After so many jobs of a queue have ended in this process, its finished jobs are trimmed. */
const TRIM_EVERY = 200;

export interface Retention {
  /** To be told of each job that ends. */
  readonly ended: (queue: string) => Promise<void>;
  /** Trims what a queue keeps of finished jobs. */
  readonly trim: (queue: string) => Promise<void>;
}

/** Keeps the number of finished jobs in PostgreSQL about as low as Redis does by itself. */
export function retention(pool: Pick<PgPool, 'query'>): Retention {
  const counts = new Map<string, number>();
  const trim = async (queue: string) => {
    await pool.query(trimming('completed', KEPT.completed), [queue]);
    await pool.query(trimming('failed', KEPT.failed), [queue]);
    await pool.query(
      `delete from bullmq.job where queue = $1 and state = 'failed'
         and finished_at_ms < extract(epoch from now()) * 1000 - ${KEPT.failedSeconds * 1000}`,
      [queue],
    );
  };
  return {
    trim,
    ended: async (queue) => {
      const count = (counts.get(queue) ?? 0) + 1;
      counts.set(queue, count % TRIM_EVERY);
      if (count === TRIM_EVERY) await trim(queue);
    },
  };
}

/** One replica at a time; the others have nothing to wait for. */
function trimming(state: 'completed' | 'failed', keep: number): string {
  return `with turn as materialized (select pg_try_advisory_xact_lock(hashtext('triage.retention'), hashtext($1)) as is_mine)
    delete from bullmq.job
     where (select is_mine from turn) and queue = $1 and state = '${state}'
       and finished_at_ms < (
         select finished_at_ms from bullmq.job where queue = $1 and state = '${state}'
          order by finished_at_ms desc offset ${keep - 1} limit 1)`;
}
