import { type JobQueue, SKEW_MS } from './backend.ts';
import type { PayloadOf } from './catalogue.ts';

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
