import express, { type Router } from 'express';
import type { EndpointName } from '../../domain/decision/question.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Memory } from '../../domain/ports/memory.ts';
import type { AnswerBook, Clock } from '../../domain/ports/model.ts';

export interface StatusParts {
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly answers: AnswerBook;
  /** Language models in the order they are asked, with what was spent today. */
  readonly models: () => readonly { readonly endpoint: EndpointName; readonly model: string }[];
  /** Groups of deliveries that are acknowledged and not yet in the ledger; throws while the queue is away. */
  readonly unrecorded: () => Promise<number>;
  readonly clock: Clock;
  readonly revision: () => string;
  /** Why `config/` as it is now is not in use; empty when it is. */
  readonly playbookTrouble: () => readonly string[];
  /** The local classifier in use, null before the first training. */
  readonly classifier: () => ClassifierStatus | null;
}

export interface ClassifierStatus {
  readonly version: string;
  readonly tickets: number;
  readonly storedAt: string | null;
  /** Targets that it can tell the values of. */
  readonly targets: readonly string[];
}

const LISTED_BURSTS = 50;

/** Where everything stands. */
export function statusRoutes(parts: StatusParts): Router {
  const router = express.Router();

  router.get('/status', async (_request, response) => {
    // Asked before the ledger, so that no delivery is in neither.
    const unrecorded = await parts.unrecorded().catch(() => null);
    const today = parts.clock.now().toISOString().slice(0, 10);
    const [deliveries, pastTickets, spentToday, brakes] = await Promise.all([
      parts.ledger.deliveryCounts(),
      // Null while memory is away: what it does not know is no reason to say nothing.
      parts.memory.size().catch(() => null),
      parts.answers.spent(today),
      parts.ledger.brakes(),
    ]);
    response.json({
      revision: parts.revision(),
      playbookTrouble: parts.playbookTrouble(),
      classifier: parts.classifier(),
      deliveries,
      unrecorded,
      pastTickets,
      models: parts.models(),
      spentToday,
      brakes,
    });
  });

  router.get('/bursts', async (_request, response) => {
    response.json({ bursts: await parts.ledger.bursts(LISTED_BURSTS) });
  });
  return router;
}
