import { createPostgresBackend, isPgPool, type PgPool, Queue, runMigrations, Worker } from 'bullmq';
import { messageOf } from '../domain/errors.ts';
import { type JobWorker, type QueueBackend, type QueueExtras, queueOptions, workerOptions } from './backend.ts';
import { closeWhileThere } from './closing.ts';
import { mendPostgres } from './mend.ts';
import { KEEP_ALL, retention } from './retention.ts';

/** BullMQ on PostgreSQL: a server's pool, or the embedded database. The caller owns the pool. */
export function postgresQueues(given: unknown, extras: QueueExtras = {}): QueueBackend {
  const connection = checkedPool(given);
  const { ended, trim } = retention(connection);
  const ping = async () => void (await connection.query('select 1'));
  return {
    kind: 'postgres',
    bulkFrom: 16,
    // BullMQ holds an advisory lock meanwhile: of many replicas that start at once one migrates and the others wait.
    prepare: async () => {
      const client = await connection.connect();
      try {
        await runMigrations(client);
        await client.query('set search_path to bullmq, public');
      } finally {
        client.release();
      }
    },
    queue: (name) => new Queue(name, { ...queueOptions(KEEP_ALL, extras), connection }, createPostgresBackend),
    worker: (name, process, options): JobWorker => {
      const worker = new Worker(
        name,
        process,
        { ...workerOptions(options, extras), connection },
        createPostgresBackend,
      );
      for (const end of ['completed', 'failed'] as const)
        worker.on(end, () => void ended(name).catch((error: unknown) => worker.emit('error', toError(error))));
      const close = worker.close.bind(worker);
      return Object.assign(worker, { close: () => closeWhileThere(close(), { ping, abandon: () => {} }) });
    },
    // @NOTE BullMQ 6.7 does not implement trimEvents on PostgreSQL.
    trimEvents: async ({ name }, keep) => {
      await connection.query(
        'delete from bullmq.event where queue = $1 and id < (select max(id) from bullmq.event) - $2::bigint',
        [name, keep],
      );
      await trim(name);
    },
    mend: ({ name }, now) => mendPostgres(connection, name, now),
    ping,
    close: async () => {},
  };
}

/** BullMQ's own check: its types and those of node-postgres describe the same pool and do not fit each other. */
function checkedPool(pool: unknown): PgPool {
  if (!isPgPool(pool)) throw new Error('not a node-postgres pool');
  return pool;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
