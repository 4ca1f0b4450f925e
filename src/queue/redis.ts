import { Queue, Worker } from 'bullmq';
import { type JobWorker, type QueueBackend, type QueueExtras, queueOptions, workerOptions } from './backend.ts';
import { closeWhileThere, within } from './closing.ts';
import { type Line, openLine, type RedisAccess, type RedisClient } from './redis/connect.ts';
import { guardOf } from './redis/guard.ts';
import { mendRedis } from './redis/mend.ts';
import { KEEP_FEW } from './retention.ts';

export interface RedisExtras extends QueueExtras {
  /** Told what goes wrong in the background, and what to mend in Redis. */
  readonly onError: (error: Error) => void;
}

export interface RedisBackend extends QueueBackend {
  /** The connection of those who publish; its commands fail rather than wait. */
  readonly client: RedisClient;
}

const CLOSING_MS = 1_500;

/** BullMQ on Redis: one server, sentinels, or a cluster. Connects at once, in the background. */
export function redisQueues(access: RedisAccess, { onError, telemetry }: RedisExtras): RedisBackend {
  const { client, end } = openLine(access, 'publish');
  const { prefix } = access;
  return {
    kind: 'redis',
    bulkFrom: 2,
    client,
    ...guardOf(client, access, onError),
    // @NOTE the version check is one INFO at construction; when it fails BullMQ 6.7 keeps the failure for ever.
    queue: (name) =>
      new Queue(name, {
        ...queueOptions(KEEP_FEW, { telemetry }),
        prefix,
        connection: client,
        skipWaitingForReady: true,
        skipVersionCheck: true,
      }),
    worker: (name, process, options) => {
      // Connections of its own, so that closing one worker takes nothing from another.
      const line = openLine(access, 'consume');
      const { client: connection } = line;
      return closable(
        new Worker(name, process, { ...workerOptions(options, { telemetry }), prefix, connection }),
        line,
      );
    },
    mend: ({ name, queue }, now) => mendRedis(client, { queue, delayed: `${prefix}:${name}:delayed` }, now),
    trimEvents: async ({ queue }, keep) => void (await queue.trimEvents(keep)),
    close: async () => {
      const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
      end();
      await within(CLOSING_MS, ended);
    },
  };
}

/** @NOTE without Redis, BullMQ's own `close` never comes back (bullmq#4656). */
function closable(worker: Worker<unknown, void>, { client, end }: Line): JobWorker {
  const close = worker.close.bind(worker);
  return Object.assign(worker, {
    close: () => closeWhileThere(close(), { ping: () => client.ping(), abandon: end }),
  });
}
