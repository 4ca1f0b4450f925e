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

/** Resolves once a delivery is durable, or at once where it is only noted; throws `TransientError` when it cannot be made so. */
export type Acknowledge = (delivery: Delivery) => Promise<Acknowledgement>;

/** One goes to Redis while the next gathers: one `add` costs more than all else that a webhook needs. */
const LIMITS = { maxSize: 64, maxRunning: 1 };
/** So long one that is only noted waits for another to go with. */
const COMPANY_MS = 1_000;
/** While the queue is away no more of those are kept; others are refused like any delivery. */
const MAX_NOTED = 1_000;

/** Acknowledges from the queue. Disposing hands over what is still here. */
export interface Acknowledging extends AsyncDisposable {
  readonly acknowledge: Acknowledge;
}

/**
 * Acknowledges from the queue: deliveries that arrive together become one job, and the inbox sees them later. What
 * `publish` takes at most, twice, is the longest that anybody waits. What is only noted, every second delivery, for Jira
 * tells us of our own edits, is not durable yet: it goes with the next that is not, within a second, and a crash before
 * that costs its line in the inbox and nothing else.
 */
export function queueing(publish: Publish): Acknowledging {
  const noted: Delivery[] = [];
  let timer: NodeJS.Timeout | undefined;
  let handing: Promise<void> | null = null;
  let isOver = false;
  const send = async (deliveries: readonly Delivery[]) => {
    const company = noted.splice(0, LIMITS.maxSize);
    try {
      await publish('intake', [{ group: randomUUID(), deliveries: [...deliveries, ...company] }]);
    } catch (error) {
      noted.push(...company);
      throw error;
    }
  };
  const add = grouped(LIMITS, async (deliveries: readonly Delivery[]) => {
    await send(deliveries);
    return deliveries.map(() => ({ status: 'queued' as const }));
  });
  const handOver = async () => {
    while (noted.length > 0) await send([]);
  };
  const wait = () => {
    if (isOver) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      // What cannot go now is tried again.
      handing = handOver().catch(wait);
    }, COMPANY_MS);
  };
  return {
    acknowledge: async (delivery) => {
      if (!isOnlyNoted(delivery) || noted.length >= MAX_NOTED) return add(delivery);
      noted.push(delivery);
      wait();
      return { status: 'queued' };
    },
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      clearTimeout(timer);
      await handing;
      await handOver();
    },
  };
}

/** That an issue was created is known to the sweep by its delivery, also where nothing is to be done about it. */
function isOnlyNoted({ door, event, plan }: Delivery): boolean {
  return plan.kind === 'ignore' && door === 'webhook' && event !== 'jira:issue_created';
}
