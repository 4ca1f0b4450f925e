import type { Context } from '../src/compose.ts';
import type { Decision } from '../src/domain/decision/decision.ts';
import { triage } from '../src/triage/triage.ts';
import { type Processor, runWorker } from './run.ts';

/** Tickets decided at once: where a model is asked, most of them wait. */
const COMPUTING = 8;
const WAITING = 32;

/** Decides on an issue, then hands the decision to write-back. */
export function triageWorker(context: Context): AsyncDisposable {
  const { ledger, publisher, metrics } = context;
  const processor: Processor<'triage'> = {
    queue: 'triage',
    concurrency: context.settings.concurrency.triage ?? (context.endpoints.length > 0 ? WAITING : COMPUTING),
    process: async (request, { log }) => {
      const playbook = context.playbook();
      const outcome = await triage(request, playbook, { ...context, embedder: context.queryEmbedder });
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
      observeModel(decision);
      log.info({ issueKey: decision.issueKey, decisionId: decision.id, timingsMs: decision.timingsMs }, 'decided');
      const delayMs = playbook.writeBack.graceSeconds * 1000;
      const { deliveryId, attempt } = request;
      await publisher.publish('write-back', [{ deliveryId, attempt, decisionId: decision.id }], { delayMs });
    },
    giveUp: ({ deliveryId, attempt }, reason) => ledger.settle(deliveryId, attempt, { state: 'failed', reason }),
  };
  function observeModel({ asked, degraded, degradedBecause, issueKey }: Decision): void {
    if (degraded) {
      metrics.degraded.inc();
      context.log.warn({ issueKey, why: degradedBecause }, 'decided on a lower rung');
    }
    if (!asked) return;
    metrics.modelTokens.inc({ direction: 'in' }, asked.tokens.input);
    metrics.modelTokens.inc({ direction: 'out' }, asked.tokens.output);
    metrics.modelMoney.inc(asked.money);
  }
  return runWorker(context, processor);
}
