import type { JobQueue } from './backend.ts';

/** Those that a person wants first stand before the oldest; so many are looked at. */
const LOOKED_AT = 5;

/**
 * Since when the oldest job waits that a worker could take now, in milliseconds of the publisher's clock; null when none
 * does. What is delayed on purpose, or until another attempt, does not count.
 */
export async function waitingSince(queue: Pick<JobQueue, 'getJobs' | 'getJobCounts'>): Promise<number | null> {
  const { waiting = 0 } = await queue.getJobCounts('waiting');
  const next = await Promise.all([
    // @NOTE newest first, and from the end: asked for the oldest first, BullMQ 6.7 takes the newest on PostgreSQL.
    queue.getJobs(['waiting'], Math.max(0, waiting - LOOKED_AT), -1, false),
    queue.getJobs(['prioritized'], 0, LOOKED_AT - 1, true),
  ]);
  const times = next.flat().map(({ timestamp, opts }) => timestamp + (opts.delay ?? 0));
  return times.length === 0 ? null : Math.min(...times);
}
