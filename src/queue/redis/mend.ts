import { type JobQueue, SKEW_MS } from '../backend.ts';
import type { RedisClient } from './connect.ts';

const PAGE = 200;
/** BullMQ keeps when a wait ends in the upper bits of a score, and an order in the lower twelve. */
const SCORE_UNIT = 2 ** 12;

/**
 * Brings back to `now` the ends of waits that a clock that was ahead left in Redis; locks, pauses and checks end by the
 * server's own time there. Every wait begins anew in full. Returns how many there were.
 */
export async function mendRedis(
  client: RedisClient,
  { queue, delayed }: { readonly queue: JobQueue; readonly delayed: string },
  now: number,
): Promise<number> {
  let mended = 0;
  // A replica whose clock is still ahead may set one aside again at once.
  const seen = new Set<string | undefined>();
  for (;;) {
    // Those that wait the longest come first, and go to the end once they are mended.
    const jobs = await queue.getJobs(['delayed'], 0, PAGE - 1, false);
    const scores = await Promise.all(jobs.map(({ id }) => client.zscore(delayed, id ?? '')));
    const ahead = jobs.filter(
      ({ id, delay }, index) => !seen.has(id) && Number(scores[index]) / SCORE_UNIT > now + delay + SKEW_MS,
    );
    for (const { id } of ahead) seen.add(id);
    // One that another replica was quicker with, or that runs now, is left as it is.
    const ends = await Promise.allSettled(ahead.map((job) => job.changeDelay(job.delay)));
    mended += ends.filter(({ status }) => status === 'fulfilled').length;
    if (ahead.length === 0) return mended;
  }
}
