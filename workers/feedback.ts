import type { Context } from '../src/compose.ts';
import { learn } from '../src/feedback/learn.ts';
import { type Processor, runWorker } from './run.ts';

/** Puts finished issues into memory and takes deleted ones out. */
export function feedbackWorker(context: Context): AsyncDisposable {
  const { ledger, memory } = context;
  const processor: Processor<'feedback'> = {
    queue: 'feedback',
    concurrency: 4,
    process: async ({ deliveryId, attempt, issueId, intent }) => {
      if (intent === 'forget') {
        await memory.forget([issueId]);
        return ledger.settle(deliveryId, attempt, { state: 'forgotten' });
      }
      const outcome = await learn(issueId, context.playbook(), context);
      const end =
        outcome.kind === 'learned'
          ? { state: 'learned' as const }
          : { state: 'ignored' as const, reason: outcome.reason };
      await ledger.settle(deliveryId, attempt, end);
    },
    giveUp: ({ deliveryId, attempt }, reason) => ledger.settle(deliveryId, attempt, { state: 'failed', reason }),
  };
  return runWorker(context, processor);
}
