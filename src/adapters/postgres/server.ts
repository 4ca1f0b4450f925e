import pg from 'pg';
import type { Driver } from './sql.ts';

/** Pools on a PostgreSQL server: ours, and one whose `search_path` is what BullMQ's SQL expects. */
export interface Server {
  readonly driver: Driver;
  readonly queuePool: pg.Pool;
}

/** Does not connect yet; the first query does. */
export function openServer(url: string, onError: (error: Error) => void): Server {
  const common = { connectionString: url, keepAlive: true, connectionTimeoutMillis: 5_000, query_timeout: 20_000 };
  const pool = new pg.Pool({ ...common, max: 10, statement_timeout: 30_000 });
  const queuePool = new pg.Pool({ ...common, max: 20, options: '-c search_path=bullmq,public' });
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
      script: async (text) => void (await pool.query(text)),
      close: async () => {
        await queuePool.end();
        await pool.end();
      },
    },
    queuePool,
  };
}
