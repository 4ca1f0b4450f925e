import type { Context } from '../src/compose.ts';
import { requeue } from '../src/upkeep/requeue.ts';
import { type Processor, runWorker } from './run.ts';

const MINUTE_MS = 60_000;
const KEPT_EVENTS = 1_000;

/** Looks after lost deliveries every minute, and after old rows and dead space every ten. */
export async function upkeepWorker(context: Context): Promise<AsyncDisposable> {
  const { ledger, publisher, settings } = context;
  const processor: Processor<'upkeep'> = {
    queue: 'upkeep',
    concurrency: 1,
    process: async ({ task }, { log }) => {
      if (task === 'requeue') {
        const count = await requeue({ ledger, publish: publisher.publish });
        if (count > 0) log.warn({ count }, 'queued open deliveries again');
        return;
      }
      await publisher.trimEvents(KEPT_EVENTS);
      const rows = await ledger.trim(settings.storage.retentionDays);
      await context.vacuum();
      log.info({ rows }, 'cleaned');
    },
    giveUp: async (_payload, reason) => context.log.error({ reason }, 'upkeep failed'),
  };
  await publisher.schedule('requeue', MINUTE_MS);
  await publisher.schedule('clean', 10 * MINUTE_MS);
  return runWorker(context, processor);
}
