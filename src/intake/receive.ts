import { grouped } from '../batching/grouped.ts';
import type { Delivery, Receipt } from '../domain/decision/delivery.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { PayloadOf, Publish, PublishOptions } from '../queue/catalogue.ts';

export type Receive = (delivery: Delivery) => Promise<Receipt>;

/** While one group waits for the queue, another may be in the database. */
const LIMITS = { maxSize: 64, maxRunning: 2 };

/** So many changes in one group: a bulk edit, or what Jira held back while we were away. It has 20 under way at once. */
const STORM = 12;
/** More changes of the same tickets will come, and Jira lets only 150 looks a second through: one look for all of them. */
const STORM_MS = 15_000;

/**
 * Records a delivery, then queues its job; resolves when both are durable. Recording comes first, so a crash in between
 * leaves an accepted delivery without a job, which the redelivery and the requeue sweep both heal. Deliveries that
 * arrive together share one statement and one round trip.
 */
export function receiver(ports: { readonly ledger: Ledger; readonly publish: Publish }): Receive {
  return grouped(LIMITS, async (deliveries) => {
    const receipts = await ports.ledger.receive(deliveries);
    const accepted = deliveries.flatMap((delivery, index) => jobOf(delivery, receipts[index]));
    const feedback = together(accepted);
    for (const urgency of [undefined, 'ahead', 'behind'] as const) {
      const triage = accepted.filter((job) => job.intent === 'triage' && job.urgency === urgency);
      const payloads = triage.map(({ payload }) => payload);
      const traces = triage.map(({ trace }) => trace);
      if (payloads.length > 0) await ports.publish('triage', payloads, { traces, ...(urgency ? { urgency } : {}) });
    }
    if (feedback.length > 0) await ports.publish('feedback', feedback, isStorm(accepted) ? { delayMs: STORM_MS } : {});
    return receipts;
  });
}

interface Accepted {
  readonly intent: 'triage' | 'learn' | 'forget';
  readonly isNew: boolean;
  readonly urgency: PublishOptions['urgency'];
  readonly trace: string | undefined;
  readonly payload: PayloadOf<'triage'>;
}

function jobOf({ plan, issueId, trace }: Delivery, receipt: Receipt | undefined): Accepted[] {
  if (plan.kind !== 'do' || issueId === null || !receipt || (receipt.status !== 'new' && receipt.status !== 'again'))
    return [];
  return [
    {
      intent: plan.intent,
      isNew: receipt.status === 'new',
      urgency: urgencyOf(plan),
      trace,
      payload: {
        deliveryId: receipt.id,
        attempt: receipt.attempt,
        issueId,
        isForced: plan.isForced,
        overridesHumans: plan.overridesHumans ?? false,
        round: 0,
      },
    },
  ];
}

/** What a person asks for goes first, what nobody waits for last. */
function urgencyOf({ isForced, isBulk }: Extract<Delivery['plan'], { kind: 'do' }>): PublishOptions['urgency'] {
  if (isBulk) return 'behind';
  return isForced ? 'ahead' : undefined;
}

function isStorm(accepted: readonly Accepted[]): boolean {
  return accepted.filter(({ intent }) => intent !== 'triage').length >= STORM;
}

/** One job for all that is new. What was seen before has a job of its own, or had one. */
function together(accepted: readonly Accepted[]): readonly PayloadOf<'feedback'>[] {
  const feedback = accepted.flatMap(({ intent, isNew, payload: { deliveryId, attempt, issueId } }) =>
    intent === 'triage' ? [] : [{ isNew, heard: { deliveryId, attempt, issueId, intent } }],
  );
  const heard = (isNew: boolean) => feedback.filter((job) => job.isNew === isNew).map((job) => job.heard);
  const [first, ...others] = heard(true);
  const company = others.length > 0 ? { others } : {};
  return [...(first ? [{ ...first, ...company }] : []), ...heard(false)];
}
