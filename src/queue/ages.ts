import type { JobQueue } from './backend.ts';

/** Those that a person wants first stand before the oldest; so many are looked at. */
const LOOKED_AT = 5;

/**
 * Since when the oldest job waits that a worker could take now, in milliseconds of the publisher's clock; null when none
 * does. What is delayed on purpose, or until another attempt, does not count.
 */
export async function waitingSince(queue: Pick<JobQueue, 'getJobs'>): Promise<number | null> {
  const next = await Promise.all([
    queue.getJobs(['waiting'], 0, LOOKED_AT - 1, true),
    queue.getJobs(['prioritized'], 0, LOOKED_AT - 1, true),
  ]);
  const times = next.flat().map(({ timestamp, opts }) => timestamp + (opts.delay ?? 0));
  return times.length === 0 ? null : Math.min(...times);
}
