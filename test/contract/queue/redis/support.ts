import type { Context } from '../../../../src/compose.ts';
import { type RedisBackend, redisQueues } from '../../../../src/queue/redis.ts';
import { redisAccess } from '../../../support/redis-access.ts';
import { workerContext } from '../../support/worker-context.ts';
import { type Triage, triageWorker } from '../yards.ts';

/** Queues on a Redis of the test's own, a publisher on them, and what was reported in the background. */
export interface Desk extends AsyncDisposable {
  readonly context: Context;
  readonly backend: RedisBackend;
  readonly reports: readonly string[];
  publish(...payloads: readonly Triage[]): Promise<void>;
  startWorker: (process?: (payload: Triage) => Promise<void>, concurrency?: number) => ReturnType<typeof triageWorker>;
}

export function openDesk(url: string, env: Readonly<Record<string, string>> = {}): Desk {
  const reports: string[] = [];
  const backend = redisQueues(redisAccess(url, env), { onError: ({ message }) => void reports.push(message) });
  const context = workerContext(backend);
  return {
    backend,
    context,
    reports,
    publish: (...payloads) => context.publisher.publish('triage', payloads),
    startWorker: (process, concurrency) => triageWorker(context, process, concurrency),
    [Symbol.asyncDispose]: async () => {
      await context[Symbol.asyncDispose]();
      await backend.close();
    },
  };
}
