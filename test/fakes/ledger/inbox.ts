import { randomUUID } from 'node:crypto';
import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { Delivery, OpenDelivery, Receipt, StoryDelivery } from '../../../src/domain/decision/delivery.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { byDecidedAt, type DeliveryRow, type Tables } from './tables.ts';

/** The part of the ledger that deals with deliveries. */
export function inboxFake(
  { deliveries, decisions }: Tables,
  now: () => number,
): Pick<Ledger, 'receive' | 'settle' | 'openDeliveries' | 'deliveryCounts'> {
  const receiveOne = (delivery: Delivery): Receipt => {
    const known = [...deliveries.values()].find(({ delivery: other }) => isSame(other, delivery));
    if (known) return receiveAgain(known);
    const isAccepted = delivery.plan.kind === 'do';
    const row: DeliveryRow = {
      id: randomUUID(),
      delivery,
      receivedAt: now(),
      attempt: 1,
      state: isAccepted ? 'accepted' : 'ignored',
      reason: delivery.plan.kind === 'do' ? null : delivery.plan.reason,
      settledAt: isAccepted ? null : now(),
    };
    deliveries.set(row.id, row);
    return { id: row.id, status: isAccepted ? 'new' : 'ignored', attempt: 1 };
  };
  const receiveAgain = (row: DeliveryRow): Receipt => {
    const { id, attempt } = row;
    if (row.state === 'ignored') return { id, status: 'ignored', attempt };
    if (row.state === 'accepted') return { id, status: 'again', attempt };
    if (row.state !== 'failed') return { id, status: 'done', attempt };
    const reopened = { state: 'accepted', reason: null, settledAt: null, receivedAt: now(), attempt: attempt + 1 };
    deliveries.set(id, { ...row, ...reopened });
    return { id, status: 'again', attempt: attempt + 1 };
  };
  return {
    receive: async (received) => received.map(receiveOne),
    settle: async (id, attempt, end) => {
      const row = deliveries.get(id);
      if (row?.state !== 'accepted' || row.attempt !== attempt) return;
      deliveries.set(id, { ...row, state: end.state, reason: 'reason' in end ? end.reason : null, settledAt: now() });
    },
    openDeliveries: async (olderThanMs, limit, graceMs = 0) => {
      const isWaiting = ({ decisionId }: OpenDelivery) => {
        const decision = decisionId === null ? undefined : decisions.get(decisionId);
        return graceMs > 0 && decision !== undefined && Date.parse(decision.decidedAt) > now() - olderThanMs - graceMs;
      };
      return [...deliveries.values()]
        .sort((left, right) => left.receivedAt - right.receivedAt)
        .filter(({ state, receivedAt }) => state === 'accepted' && receivedAt <= now() - olderThanMs)
        .flatMap((row) => openDelivery(row, decisions.values()))
        .filter((one) => !isWaiting(one))
        .slice(0, limit);
    },
    deliveryCounts: async () => {
      const counts: Record<string, number> = {};
      for (const { state } of deliveries.values()) counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },
  };
}

function isSame(one: Delivery, other: Delivery): boolean {
  if (one.site !== other.site) return false;
  return one.contentHash === other.contentHash || (one.identifier !== null && one.identifier === other.identifier);
}

/** What an open delivery waits for; none when nothing is to be done. */
export function openDelivery({ id, attempt, delivery }: DeliveryRow, decisions: Iterable<Decision>): OpenDelivery[] {
  const { plan, issueId } = delivery;
  if (plan.kind !== 'do' || issueId === null) return [];
  const first = `${id}-${attempt}`;
  const made = [...decisions].filter((one) => one.id === first || one.id.startsWith(`${first}.`)).sort(byDecidedAt);
  const { intent, isForced, overridesHumans = false } = plan;
  return [{ id, attempt, issueId, intent, isForced, overridesHumans, decisionId: made.at(-1)?.id ?? null }];
}

/** A delivery as an issue's story tells it. */
export function told({
  id,
  delivery: { door, event },
  state,
  reason,
  attempt,
  receivedAt,
  settledAt,
}: DeliveryRow): StoryDelivery {
  return {
    id,
    door,
    event,
    state,
    reason,
    attempt,
    receivedAt: new Date(receivedAt).toISOString(),
    settledAt: settledAt === null ? null : new Date(settledAt).toISOString(),
  };
}
