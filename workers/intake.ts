import { randomUUID } from 'node:crypto';
import type { Context } from '../src/compose.ts';
import { RateLimitedError, safeMessageOf } from '../src/domain/errors.ts';
import { receiver } from '../src/intake/receive.ts';
import { type Processor, runWorker } from './run.ts';

/** How soon is tried again while the database is away. */
const AWAY_MS = 2_000;

/** Brings into the inbox what intake acknowledged from the queue alone; what waits together goes together. */
export function intakeWorker(context: Context): AsyncDisposable {
  const { ledger, publisher, metrics } = context;
  const receive = receiver({ ledger, publish: publisher.publish });
  const processor: Processor<'intake'> = {
    queue: 'intake',
    concurrency: 16,
    process: async ({ deliveries }) => {
      try {
        const receipts = await Promise.all(deliveries.map(receive));
        for (const [index, { status }] of receipts.entries())
          metrics.deliveries.inc({ door: deliveries[index]?.door ?? 'webhook', result: status });
      } catch (error) {
        await assertLedger(context);
        if (deliveries.length === 1) throw error;
        // One of them may be the trouble: each goes on alone.
        const alone = deliveries.map((delivery) => ({ group: randomUUID(), deliveries: [delivery] }));
        await publisher.publish('intake', alone);
      }
    },
    giveUp: async ({ deliveries }) => {
      const issues = deliveries.map(({ issueKey }) => issueKey);
      context.log.error({ issues }, 'acknowledged deliveries could not be recorded');
    },
  };
  return runWorker(context, processor);
}

/** While the database is away nobody's attempts are used up: the whole queue waits. */
async function assertLedger({ ledger }: Context): Promise<void> {
  try {
    await ledger.ping();
  } catch (error) {
    throw new RateLimitedError(`the database is away: ${safeMessageOf(error)}`, {
      retryAfterMs: AWAY_MS,
      scope: 'site',
    });
  }
}
