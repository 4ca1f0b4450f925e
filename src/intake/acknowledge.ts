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
/** So long one that is ignored waits for another to go with. */
const COMPANY_MS = 1_000;
/** While the queue is away no more of those are kept; others are refused like any delivery. */
const MAX_IGNORED = 1_000;

/** Acknowledges from the queue. Disposing hands over what is still here. */
export interface Acknowledging extends AsyncDisposable {
  readonly acknowledge: Acknowledge;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Acknowledges from the queue: deliveries that arrive together become one job, and the inbox sees them later. What
 * `publish` takes at most, twice, is the longest that anybody waits. Deliveries that are ignored, every second one, for
 * Jira tells us of our own edits, are not durable yet: they go with the next that is not, within a second, and a crash
 * before that costs their line in the inbox and nothing else.
 */
export function queueing(publish: Publish): Acknowledging {
  const ignored: Delivery[] = [];
  let timer: NodeJS.Timeout | undefined;
  const add = grouped(LIMITS, async (deliveries: readonly Delivery[]) => {
    const company = ignored.splice(0, LIMITS.maxSize);
    try {
      await publish('intake', [{ group: randomUUID(), deliveries: [...deliveries, ...company] }]);
    } catch (error) {
      ignored.push(...company);
      throw error;
    }
    return deliveries.map(() => ({ status: 'queued' as const }));
  });
  const handOver = async () => {
    for (let first = ignored.shift(); first; first = ignored.shift()) {
      try {
        await add(first);
      } catch (error) {
        ignored.push(first);
        throw error;
      }
    }
  };
  const wait = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      handOver().catch(wait);
    }, COMPANY_MS);
  };
  return {
    acknowledge: async (delivery) => {
      if (delivery.plan.kind !== 'ignore' || ignored.length >= MAX_IGNORED) return add(delivery);
      ignored.push(delivery);
      wait();
      return { status: 'queued' };
    },
    [Symbol.asyncDispose]: () => {
      clearTimeout(timer);
      return handOver();
    },
  };
}
