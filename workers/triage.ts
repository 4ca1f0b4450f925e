import { askedAtOnce } from '../src/compose/endpoints.ts';
import type { Context } from '../src/compose.ts';
import { observeDecision, secondsSince } from '../src/telemetry/observe/decision.ts';
import { triage } from '../src/triage/triage.ts';
import { type Processor, runWorker } from './run.ts';

/** Tickets that are worked on at once, beside as many as a model takes: with fewer it would idle while tickets wait. */
const COMPUTING = 8;

/** Decides on an issue, then hands the decision to write-back. */
export function triageWorker(context: Context): AsyncDisposable {
  const { ledger, publisher, metrics, tracing } = context;
  const processor: Processor<'triage'> = {
    queue: 'triage',
    concurrency: context.settings.concurrency.triage ?? COMPUTING + askedAtOnce(context.endpoints, context.playbook()),
    process: async (request, { log }) => {
      const playbook = context.playbook();
      const outcome = await triage(request, playbook, { ...context, embedder: context.queryEmbedder });
      if (outcome.kind === 'ignored') {
        log.info({ reason: outcome.reason }, 'ignored');
        return ledger.settle(request.deliveryId, request.attempt, { state: 'ignored', reason: outcome.reason });
      }
      const { decision, opened, waitingSince } = outcome;
      if (opened) {
        metrics.bursts.inc();
        log.warn({ burst: opened, issueKey: decision.issueKey }, 'similar tickets come in: possibly one incident');
      }
      observeDecision(metrics, decision, playbook);
      if (waitingSince !== null) metrics.sinceCreation.observe(secondsSince(waitingSince));
      tracing.note({ 'triage.issue_key': decision.issueKey, 'triage.decision_id': decision.id });
      const { issueKey, degraded, degradedBecause: why } = decision;
      if (degraded) log.warn({ issueKey, why }, 'decided on a lower rung');
      log.info({ issueKey, decisionId: decision.id, timingsMs: decision.timingsMs }, 'decided');
      const delayMs = playbook.writeBack.graceSeconds * 1000;
      const { deliveryId, attempt } = request;
      const since = waitingSince === null ? {} : { waitingSince };
      await publisher.publish('write-back', [{ deliveryId, attempt, decisionId: decision.id, ...since }], { delayMs });
    },
    giveUp: ({ deliveryId, attempt }, reason) => ledger.settle(deliveryId, attempt, { state: 'failed', reason }),
  };
  return runWorker(context, processor);
}
