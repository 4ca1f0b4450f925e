import { openEmbedded } from '../adapters/pglite/embedded.ts';
import { openServer } from '../adapters/postgres/server.ts';
import { Sql } from '../adapters/postgres/sql.ts';
import type { QueueBackend, QueueExtras } from '../queue/backend.ts';
import { postgresQueues } from '../queue/postgres.ts';
import { type RedisBackend, redisQueues } from '../queue/redis.ts';
import type { Settings } from '../settings/env.ts';
import type { Logger } from '../telemetry/log.ts';

/** Where rows and jobs live. */
export interface Storage {
  readonly sql: Sql;
  readonly queues: QueueBackend;
  /** The connection of those who publish, for what replicas share besides jobs; its commands fail rather than wait. */
  readonly redis: RedisBackend['client'] | null;
  readonly vacuum: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The URLs in the settings choose: a folder, or servers. */
export async function openStorage({ storage }: Settings, log: Logger, extras: QueueExtras = {}): Promise<Storage> {
  const onError = (error: Error) => log.warn({ err: error }, 'storage');
  const redis = storage.redis === null ? null : redisQueues(storage.redis, { ...extras, onError });
  if (storage.databaseUrl !== null) {
    const server = openServer(storage.databaseUrl, onError, storage.poolSizes);
    return {
      sql: new Sql(server.driver),
      queues: redis ?? postgresQueues(server.queuePool, extras),
      redis: redis?.client ?? null,
      vacuum: async () => {},
      close: () => server.driver.close(),
    };
  }
  const embedded = await openEmbedded(storage.folder);
  return {
    sql: new Sql(embedded.driver),
    queues: redis ?? postgresQueues(embedded.pool, extras),
    redis: redis?.client ?? null,
    vacuum: embedded.vacuum,
    close: () => embedded.driver.close(),
  };
}
