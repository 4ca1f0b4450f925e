import type { Context } from '../src/compose.ts';
import { triage } from '../src/triage/triage.ts';
import { type Processor, runWorker } from './run.ts';

/** Decides on an issue, then hands the decision to write-back. */
export function triageWorker(context: Context): AsyncDisposable {
  const { ledger, publisher, metrics } = context;
  const processor: Processor<'triage'> = {
    queue: 'triage',
    concurrency: 8,
    process: async (request, { log }) => {
      const outcome = await triage(request, context.playbook(), context);
      if (outcome.kind === 'ignored') {
        log.info({ reason: outcome.reason }, 'ignored');
        return ledger.settle(request.deliveryId, request.attempt, { state: 'ignored', reason: outcome.reason });
      }
      const { decision, opened } = outcome;
      if (opened) {
        metrics.bursts.inc();
        log.warn({ burst: opened, issueKey: decision.issueKey }, 'similar tickets come in: possibly one incident');
      }
      for (const [target, verdict] of Object.entries(decision.verdicts)) {
        metrics.verdicts.inc({ target, result: verdict.kind === 'value' ? 'value' : verdict.reason });
      }
      log.info({ issueKey: decision.issueKey, decisionId: decision.id, timingsMs: decision.timingsMs }, 'decided');
      await publisher.publish('write-back', [
        { deliveryId: request.deliveryId, attempt: request.attempt, decisionId: decision.id },
      ]);
    },
    giveUp: ({ deliveryId, attempt }, reason) => ledger.settle(deliveryId, attempt, { state: 'failed', reason }),
  };
  return runWorker(context, processor);
}
