import { randomUUID } from 'node:crypto';
import { grouped } from '../batching/grouped.ts';
import type { Delivery, Receipt } from '../domain/decision/delivery.ts';
import type { Publish } from '../queue/catalogue.ts';

/** What a sender is told. `queued`: it is durable, and what the inbox says of it is found out later. */
export interface Acknowledgement {
  readonly status: Receipt['status'] | 'queued';
  /** Absent while it is not in the inbox. */
  readonly id?: string;
}

/** Resolves once a delivery is durable; throws `TransientError` when it cannot be made so. */
export type Acknowledge = (delivery: Delivery) => Promise<Acknowledgement>;

/** One goes to Redis while the next gathers: one `add` costs more than all else that a webhook needs. */
const LIMITS = { maxSize: 64, maxRunning: 1 };

/**
 * Acknowledges from the queue: deliveries that arrive together become one job, and the inbox sees them later. What
 * `publish` takes at most, twice, is the longest that anybody waits.
 */
export function queueing(publish: Publish): Acknowledge {
  return grouped(LIMITS, async (deliveries) => {
    await publish('intake', [{ group: randomUUID(), deliveries: [...deliveries] }]);
    return deliveries.map(() => ({ status: 'queued' as const }));
  });
}
