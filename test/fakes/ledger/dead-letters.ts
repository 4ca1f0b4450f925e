import type { DeadLetter } from '../../../src/domain/decision/dead-letter.ts';
import type { DeadLetterLedger } from '../../../src/domain/ports/dead-letters.ts';
import { openDelivery } from './inbox.ts';
import type { Tables } from './tables.ts';

/** The part of the ledger that deals with jobs out of attempts. */
export function deadLettersFake({ deliveries }: Tables, now: () => number) {
  const letters = new Map<string, DeadLetter>();
  const newestFirst = () =>
    [...letters.values()].sort(
      (one, other) => Date.parse(other.buriedAt) - Date.parse(one.buriedAt) || (one.id < other.id ? -1 : 1),
    );
  const fake: DeadLetterLedger = {
    bury: async (letter) => void letters.set(letter.id, letter),
    deadLetters: async (limit) => newestFirst().slice(0, limit),
    deadLetter: async (id) => letters.get(id) ?? null,
    deadLetterCounts: async () =>
      Object.fromEntries(
        [...Map.groupBy(letters.values(), ({ queue }) => queue)].map(([queue, own]) => [queue, own.length]),
      ),
    unbury: async (id) => letters.delete(id),
    reopen: async (deliveryId) => {
      const row = deliveries.get(deliveryId);
      if (row?.state !== 'failed') return null;
      const reopened = { ...row, state: 'accepted', reason: null, settledAt: null, attempt: row.attempt + 1 };
      deliveries.set(deliveryId, { ...reopened, receivedAt: now() });
      return openDelivery(reopened, [])[0] ?? null;
    },
  };
  const trimLetters = (limitMs: number): number => {
    const old = newestFirst().filter(({ buriedAt }) => Date.parse(buriedAt) <= limitMs);
    for (const { id } of old) letters.delete(id);
    return old.length;
  };
  return { ...fake, trimLetters };
}
