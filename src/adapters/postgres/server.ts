import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Lines } from './lines.ts';
import type { Driver } from './sql.ts';

/** Pools on a PostgreSQL server: ours, and one whose `search_path` is what BullMQ's SQL expects. */
export interface Server {
  readonly driver: Driver;
  readonly queuePool: pg.Pool;
}

/** Connections at most: for rows, and for queues that are kept here. */
export interface PoolSizes {
  readonly rows: number;
  readonly jobs: number;
}

const USUAL_SIZES: PoolSizes = { rows: 10, jobs: 20 };
/** Connections besides, for statements that share one. */
const LINES = 2;

/** What the server ends by itself, so that nothing of ours holds its locks for long, even when we are gone. */
const LIMITS = { statement_timeout: 18_000, idle_in_transaction_session_timeout: 30_000 };

/** For what builds indexes over everything there is. */
const SCRIPT_MS = 60 * 60_000;
const CLOSING_MS = 2_000;

/** Does not connect yet; the first query does. */
export function openServer(url: string, onError: (error: Error) => void, sizes = USUAL_SIZES): Server {
  const common: pg.PoolConfig = {
    connectionString: url,
    // A connection that was cut off is else noticed after hours, and whoever listens on it hears nothing till then.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
    // Above the server's own limit: only a server that no longer answers gets this far.
    query_timeout: LIMITS.statement_timeout + 2_000,
    ...LIMITS,
  };
  const lines = new Lines({ ...common, application_name: 'jira-triage' }, { count: LINES, onError });
  const pool = new pg.Pool({ ...common, max: sizes.rows, application_name: 'jira-triage' });
  const queuePool = new pg.Pool({
    ...common,
    max: sizes.jobs,
    application_name: 'jira-triage queue',
    // Not as a start-up option, which one in the URL would replace.
    onConnect: async (client) => void (await client.query('set search_path to bullmq, public')),
  });
  pool.on('error', onError);
  queuePool.on('error', onError);
  // Every queue and worker listens for itself.
  queuePool.setMaxListeners(0);
  return {
    driver: {
      query: async (text, params) => {
        const result = await pool.query<Record<string, unknown>>(text, [...params]);
        return { rows: result.rows, affected: result.rowCount ?? 0 };
      },
      brief: (...statement) => lines.query(...statement),
      script: async (text) => {
        // Node-postgres reads a time-out of one's own here; its types do not know it.
        const unhurried = { text: `set local statement_timeout = 0; ${text}`, query_timeout: SCRIPT_MS };
        await pool.query(unhurried);
      },
      close: async () => {
        await Promise.all([queuePool.end(), pool.end(), lines.close()].map(inTime));
      },
    },
    queuePool,
  };
}

/** Lets running queries end; a server that does not answer is not waited for. */
async function inTime(end: Promise<void>): Promise<void> {
  const timer = new AbortController();
  const late = pause(CLOSING_MS, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([end, late]);
  timer.abort();
}
