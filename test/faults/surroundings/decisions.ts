import type { AdminStory } from '../../support/admin.ts';
import { atOnce } from '../../support/at-once.ts';
import type { FaultDesk } from '../desk.ts';
import type { Sent } from '../judge.ts';

/** Every decision on these tickets. */
export async function decisionsOn(desk: FaultDesk, tickets: readonly Sent[]): Promise<AdminStory['decisions']> {
  const admin = desk.admin();
  const stories = await atOnce(8, tickets, ({ born }) => admin.story(born.key));
  return stories.flatMap(({ decisions }) => decisions);
}
