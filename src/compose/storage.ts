import { openEmbedded } from '../adapters/pglite/embedded.ts';
import { openServer } from '../adapters/postgres/server.ts';
import { Sql } from '../adapters/postgres/sql.ts';
import { postgresQueues, type QueueBackend, redisQueues } from '../queue/backend.ts';
import type { Settings } from '../settings/env.ts';
import type { Logger } from '../telemetry/log.ts';

/** Where rows and jobs live. */
export interface Storage {
  readonly sql: Sql;
  readonly queues: QueueBackend;
  readonly vacuum: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The URLs in the settings choose: a folder, or servers. */
export async function openStorage({ storage }: Settings, log: Logger): Promise<Storage> {
  const onError = (error: Error) => log.warn({ err: error }, 'storage');
  const redis = storage.redis === null ? null : redisQueues(storage.redis, onError);
  if (storage.databaseUrl !== null) {
    const server = openServer(storage.databaseUrl, onError);
    return {
      sql: new Sql(server.driver),
      queues: redis ?? postgresQueues(server.queuePool),
      vacuum: async () => {},
      close: () => server.driver.close(),
    };
  }
  const embedded = await openEmbedded(storage.folder);
  return {
    sql: new Sql(embedded.driver),
    queues: redis ?? postgresQueues(embedded.pool),
    vacuum: embedded.vacuum,
    close: () => embedded.driver.close(),
  };
}
