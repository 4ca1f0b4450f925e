import type { Context } from '../src/compose.ts';
import type { DeliveryEnd, WriteRecord } from '../src/domain/decision/delivery.ts';
import { firstWordsOf } from '../src/telemetry/error.ts';
import { secondsSince } from '../src/telemetry/observe/decision.ts';
import { abandon, apply } from '../src/write-back/apply.ts';
import { nextRound } from '../src/write-back/rounds.ts';
import { type Processor, runWorker } from './run.ts';

/** Brings a decision into Jira and ends its delivery, or has the ticket decided again where it changed meanwhile. */
export function writeBackWorker(context: Context): AsyncDisposable {
  const { ledger, metrics, publisher, tracing } = context;
  const processor: Processor<'write-back'> = {
    queue: 'write-back',
    concurrency: context.settings.concurrency['write-back'] ?? 8,
    process: async ({ deliveryId, attempt, decisionId, waitingSince }, { log, assertStillOurs, bury }) => {
      const record = await apply(decisionId, context.playbook(), { ...context, assertStillOurs });
      const { issueKey, state } = record;
      metrics.writes.inc({ state });
      tracing.note({ 'triage.issue_key': issueKey, 'triage.write_state': state });
      log.info({ issueKey, decisionId, state, reason: firstWordsOf(record.reason) }, 'written back');
      const again = await nextRound(record, { ledger });
      // Revived, for the job of that round may rest as failed.
      if (again) return publisher.publish('triage', [{ deliveryId, attempt, ...again }], { isRevival: true });
      const end = endOf(record);
      if (end.state === 'failed') await bury(end.reason);
      await ledger.settle(deliveryId, attempt, end);
      if (waitingSince !== undefined) metrics.sinceCreationToWrite.observe(secondsSince(waitingSince));
    },
    giveUp: async ({ deliveryId, attempt, decisionId }, reason) => {
      await abandon(decisionId, reason, context);
      await ledger.settle(deliveryId, attempt, { state: 'failed', reason });
    },
  };
  return runWorker(context, processor);
}

/** Why nothing was to be written after all. */
const MOOT: ReadonlySet<string | null> = new Set(['issue-gone', 'moved', 'taken-back-since']);

/** An edit that Jira refused is a failure: the delivery runs again when it is sent again. */
function endOf({ state, reason }: WriteRecord): DeliveryEnd {
  if (state !== 'refused' || MOOT.has(reason)) return { state: 'triaged' };
  return { state: 'failed', reason: `Jira refused the edit: ${reason}` };
}
