import type { Delivery } from '../../../src/domain/decision/delivery.ts';
import type { SweepLedger } from '../../../src/domain/ports/sweep.ts';
import type { Tables } from './tables.ts';

/** The part of the ledger that is held against Jira. */
export function knownFake({ deliveries, decisions, writes }: Tables, now: () => number): SweepLedger {
  const ago = (times: readonly number[]) => (times.length === 0 ? null : now() - Math.max(...times));
  const of = (issueId: string) => [...deliveries.values()].filter(({ delivery }) => delivery.issueId === issueId);
  const editsOf = (issueId: string) =>
    [...writes.values()].filter((write) => write.issueId === issueId && write.state === 'applied');
  return {
    knownIssues: async (ids) =>
      new Map(
        ids.map((id) => [
          id,
          {
            isTold:
              of(id).some(({ delivery }) => tells(delivery)) ||
              [...decisions.values()].some(({ issueId }) => issueId === id),
            heardAgoMs: ago(of(id).flatMap((row) => (hears(row.delivery) ? [row.receivedAt] : []))),
            wroteAgoMs: ago(editsOf(id).map(({ at }) => Date.parse(at))),
          },
        ]),
      ),
    lastWritten: async (limit) => {
      const newest = [...writes.values()]
        .filter(({ state, undoneBy }) => state === 'applied' && undoneBy === null)
        // Of those within one millisecond the later one comes first, as well.
        .toReversed()
        .sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
        .slice(0, limit);
      return [...new Set(newest.map(({ issueId }) => issueId))];
    },
    overdue: async ({ toldMs, askedMs, graceMs }) =>
      [...deliveries.values()].filter(({ id, state, receivedAt, delivery: { door } }) => {
        const patienceMs = door === 'sweep' || door === 'admin' ? askedMs : toldMs;
        const waits = [...decisions.values()].some(
          (decision) => decision.deliveryId === id && Date.parse(decision.decidedAt) > now() - patienceMs - graceMs,
        );
        return state === 'accepted' && receivedAt <= now() - patienceMs && !(graceMs > 0 && waits);
      }).length,
  };
}

function tells({ plan, event, door }: Delivery): boolean {
  return (plan.kind === 'do' && plan.intent === 'triage') || event === 'jira:issue_created' || door === 'automation';
}

function hears({ plan }: Delivery): boolean {
  return plan.kind === 'do' && plan.intent !== 'triage';
}
