import { taskNames, upkeepTasks } from '../src/compose/upkeep.ts';
import type { Context } from '../src/compose.ts';
import { safeMessageOf } from '../src/domain/errors.ts';
import { type Processor, runWorker } from './run.ts';

const SCHEDULING_MS = 60_000;
const AT_START = [{ task: 'live-check' }, { task: 'requeue' }, { task: 'sweep-tickets' }] as const;

/** Looks after everything that no delivery asks for, each task at its own pace. */
export function upkeepWorker(context: Context): AsyncDisposable {
  const processor: Processor<'upkeep'> = {
    queue: 'upkeep',
    /** Training and embedding take minutes on a large history; the rest goes on beside them. */
    concurrency: 3,
    process: ({ task }, { log }) => upkeepTasks[task].run({ ...context, log }),
    giveUp: async ({ task }) => context.log.error({ task }, 'upkeep failed'),
  };
  const worker = runWorker(context, processor);
  const timer = setInterval(() => void schedule(context), SCHEDULING_MS).unref();
  void schedule(context, true);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await worker[Symbol.asyncDispose]();
    },
  };
}

/**
 * Again and again: the queue may come up after us, may come back without its data, and the clock may be set. A process
 * that starts also has the site checked without waiting for tomorrow, and looks at once for what lost its job and for
 * what came while nobody was there.
 */
async function schedule({ publisher, log }: Context, isStart = false): Promise<void> {
  try {
    for (const task of taskNames) await publisher.schedule(task, upkeepTasks[task].everyMs);
    const mended = await publisher.mend();
    if (mended > 0) log.warn({ mended }, 'the clock was ahead: what would have waited until then begins its wait anew');
    if (isStart) await publisher.publish('upkeep', AT_START, { isRevival: true });
  } catch (error) {
    log.warn({ why: safeMessageOf(error) }, 'upkeep cannot be scheduled yet');
  }
}
