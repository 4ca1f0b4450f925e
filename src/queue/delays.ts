import type { JobQueue } from './backend.ts';
import type { PayloadOf } from './catalogue.ts';

/** How far the clocks of two processes may be apart. */
const SKEW_MS = 60_000;
const PAGE = 200;

/**
 * Schedules an upkeep task, or leaves it as it is. BullMQ goes on from when it ran last: by a clock that was ahead the
 * next run would not come before that time, so such a schedule begins anew.
 */
export async function schedule(queue: JobQueue, task: PayloadOf<'upkeep'>['task'], everyMs: number): Promise<void> {
  const id = `upkeep-${task}`;
  const next = (await queue.getJobScheduler(id))?.next ?? 0;
  if (next > Date.now() + everyMs + SKEW_MS) await queue.removeJobScheduler(id);
  await queue.upsertJobScheduler(id, { every: everyMs }, { name: 'upkeep', data: { task } });
}

/**
 * BullMQ keeps when a job is tried again by the clock of that moment. A job that was published or ran in what is now the
 * future was set aside by a clock that was ahead: it is run now. Returns how many there were.
 */
export async function hasten(queue: JobQueue): Promise<number> {
  for (let hastened = 0; ; ) {
    // Those that wait the longest first.
    const delayed = await queue.getJobs(['delayed'], 0, PAGE - 1, false);
    const ahead = delayed.filter(({ processedOn, timestamp }) => (processedOn ?? timestamp) > Date.now() + SKEW_MS);
    // One that another replica was quicker with is not delayed any more.
    const runs = await Promise.allSettled(ahead.map((job) => job.promote()));
    const done = runs.filter(({ status }) => status === 'fulfilled').length;
    hastened += done;
    if (done === 0) return hastened;
  }
}
