import type { Context } from '../compose.ts';

/** Brings the gauges that tell of shared state up to date, right before they are read. */
export async function observe({ memory, ledger, publisher, metrics, shelf }: Context): Promise<void> {
  const [size, counts, depths, brakes] = await Promise.all([
    memory.size(),
    ledger.deliveryCounts(),
    publisher.depths(),
    ledger.brakes(),
  ]);
  metrics.brakes.set(brakes.length);
  metrics.memorySize.set(size);
  metrics.classifierTickets.set(shelf.current()?.summary.tickets ?? 0);
  metrics.open.set(counts['accepted'] ?? 0);
  for (const [queue, states] of Object.entries(depths)) {
    for (const [state, count] of Object.entries(states)) metrics.queueDepth.set({ queue, state }, count);
  }
}
