import type { Context } from '../src/compose.ts';
import { follow } from '../src/feedback/learn.ts';
import { type Processor, runWorker } from './run.ts';

/** Puts finished issues into memory and takes deleted ones out. */
export function feedbackWorker(context: Context): AsyncDisposable {
  const { ledger } = context;
  const processor: Processor<'feedback'> = {
    queue: 'feedback',
    concurrency: 4,
    process: async ({ deliveryId, attempt, issueId, intent }) => {
      const end = await follow({ intent, issueId }, context.playbook(), context);
      await ledger.settle(deliveryId, attempt, end);
    },
    giveUp: ({ deliveryId, attempt }, reason) => ledger.settle(deliveryId, attempt, { state: 'failed', reason }),
  };
  return runWorker(context, processor);
}
