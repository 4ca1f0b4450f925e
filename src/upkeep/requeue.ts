import type { OpenDelivery } from '../domain/decision/delivery.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Publish } from '../queue/catalogue.ts';

/** Long enough that a delivery on its normal way is never touched, apart from a harmless second publish of its job. */
const OLDER_THAN_MS = 60_000;
/** Later than this even a slow command line comes by. */
const UNDO_OLDER_THAN_MS = 10 * 60_000;
const BATCH = 500;

export interface RequeueOptions {
  readonly olderThanMs?: number;
  /** How long a decision waits before it is written; until then nothing is lost. */
  readonly graceMs?: number;
}

/**
 * Queues again every accepted delivery that has not ended: its job may have been lost between the inbox and the queue,
 * or with the queue's data. So it does with undos that were begun and have not ended, for they hold their ticket.
 * Publishing a job that still waits or runs changes nothing; one that rests is replaced. Returns how many were looked
 * after.
 */
export async function requeue(
  ports: { readonly ledger: Ledger; readonly publish: Publish },
  { olderThanMs = OLDER_THAN_MS, graceMs = 0 }: RequeueOptions = {},
): Promise<number> {
  const open = await ports.ledger.openDeliveries(olderThanMs, BATCH, graceMs);
  for (const delivery of open) await publishOpen(delivery, ports.publish);
  const undos = await ports.ledger.openUndos(UNDO_OLDER_THAN_MS, BATCH);
  for (const undo of undos) await ports.publish('undo', [{ undos: [undo] }], { isRevival: true });
  return open.length + undos.length;
}

/** Queues the job that an open delivery waits for: writing what was decided, else deciding or learning. */
export async function publishOpen(open: OpenDelivery, publish: Publish): Promise<void> {
  const { id, attempt, issueId, intent, isForced, overridesHumans, decisionId } = open;
  const serves = { deliveryId: id, attempt };
  if (decisionId !== null) await publish('write-back', [{ ...serves, decisionId }], { isRevival: true });
  else if (intent === 'triage')
    await publish('triage', [{ ...serves, issueId, isForced, overridesHumans, round: 0 }], { isRevival: true });
  else await publish('feedback', [{ ...serves, issueId, intent }], { isRevival: true });
}
