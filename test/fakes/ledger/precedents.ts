import type { Delivery } from '../../../src/domain/decision/delivery.ts';
import type { DecisionInput, Ledger } from '../../../src/domain/ports/ledger.ts';
import type { DeliveryRow, Tables } from './tables.ts';

/** The part of the ledger that knows what makes a decision needless. */
export function precedentsFake(tables: Tables): Pick<Ledger, 'precedents'> {
  return {
    precedents: async (input) => ({ decision: sameDecision(input, tables), delivery: toldBefore(input, tables) }),
  };
}

function sameDecision(input: DecisionInput, { deliveries, decisions, writes }: Tables): string | null {
  const same = [...decisions.values()].find((decision) => {
    const row = deliveries.get(decision.deliveryId);
    const isSame = decision.issueId === input.issueId && decision.revision === input.revision;
    const stands = row !== undefined && row.state !== 'failed' && row.id !== input.deliveryId;
    const isSuperseded = writes.get(decision.id)?.state === 'superseded';
    return isSame && stands && !isSuperseded && decision.inputHash === input.inputHash;
  });
  return same?.id ?? null;
}

function toldBefore({ deliveryId }: DecisionInput, { deliveries }: Tables): string | null {
  const own = deliveries.get(deliveryId);
  if (own?.delivery.event !== 'jira:issue_created' || own.delivery.issueId === null) return null;
  const first = [...deliveries.values()]
    .filter(({ delivery }) => delivery.issueId === own.delivery.issueId)
    .filter((other) => other.id !== own.id && isSameNews(own.delivery, other.delivery))
    .filter((other) => other.state === 'triaged' || (other.state === 'accepted' && byReceipt(other, own) < 0))
    .sort(byReceipt)[0];
  return first?.id ?? null;
}

function isSameNews(own: Delivery, other: Delivery): boolean {
  if (other.plan.kind !== 'do' || other.plan.intent !== 'triage') return false;
  if (own.door === 'sweep') return other.door !== 'sweep';
  return other.door === 'sweep' && other.event === 'jira:issue_created';
}

function byReceipt(one: DeliveryRow, other: DeliveryRow): number {
  return one.receivedAt - other.receivedAt || (one.id < other.id ? -1 : 1);
}
