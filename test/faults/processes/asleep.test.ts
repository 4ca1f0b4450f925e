import { it } from 'vitest';
import { LOCK_MS } from '../../../src/queue/backend.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';

const TICKETS = scaled(120);
/** The lock of a job has gone by then, and others had time to notice. */
const STOPPED_MS = LOCK_MS + 6_000;

// Its lock is looked at once more when the turn of its edit has come, or it would edit what others edited meanwhile.
it('a worker that falls asleep between its lock and its edit does not edit when it wakes up', async () => {
  await using desk = await openDesk({ scenario: '12b asleep before the edit', stack: 'redis', hasProxies: true });
  const { stack, dice } = desk;
  const [sleeper] = await Promise.all([
    desk.start('workers'),
    desk.start('intake', stack.direct),
    desk.start('workers', stack.direct),
  ]);
  const asleep = new Promise<void>((resolve) => {
    let left = dice.between(5, TICKETS / 6);
    stack.lines.redis?.watch(({ direction, bytes }) => {
      // It asks for a turn to edit.
      if (direction === 'up' && bytes.includes('PUT /rest/api/3/issue')) left -= 1;
      if (left > 0) return 'pass';
      stack.lines.redis?.watch(null);
      process.kill(sleeper.pid, 'SIGSTOP');
      setTimeout(resolve, STOPPED_MS);
      return 'pass';
    });
  });
  await desk.send(TICKETS);
  await asleep;
  process.kill(sleeper.pid, 'SIGCONT');
  await desk.settle(60_000);
  await desk.pronounce(1);
});
