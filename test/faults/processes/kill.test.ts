import { describe, it } from 'vitest';
import { openCrashes } from '../desk/crashes.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { SERVED } from '../stack/stack.ts';

const MOST = 1_000;

describe('kill -9 at random points', () => {
  it.concurrent('of everything in one process: 20 times in a row, and nothing is lost or done twice', async () => {
    await using desk = await openDesk({ scenario: '01 kill -9', stack: 'embedded' });
    await desk.start('all-in-one');
    letPeopleEdit(desk, desk.dice);
    const killed = await goThrough(desk, { tickets: scaled(500), kills: scaled(20) });
    await desk.settle(90_000);
    await desk.pronounce(killed);
  });

  it.concurrent.each(SERVED)('of intake, both workers and everything in one process on %s', async (stack) => {
    await using desk = await openDesk({ scenario: '01 kill -9', stack });
    await Promise.all([desk.start('intake'), desk.start('workers'), desk.start('workers')]);
    letPeopleEdit(desk, desk.dice);
    const apart = await goThrough(desk, { tickets: scaled(400), kills: scaled(10) });
    for (const process of [...desk.running]) await desk.kill(process);
    await desk.start('all-in-one');
    const together = await goThrough(desk, { tickets: scaled(200), kills: scaled(6) });
    await desk.settle(90_000);
    await desk.pronounce(apart + 3 + together);
  });
});

/** As many tickets as asked for, and more while there are kills to come. */
async function goThrough(
  desk: FaultDesk,
  draft: { readonly tickets: number; readonly kills: number },
): Promise<number> {
  const crashes = openCrashes(desk, { count: draft.kills, gap: Math.floor((1.5 * draft.tickets) / draft.kills) });
  let sent = 0;
  while (sent < draft.tickets || (crashes.left > 0 && sent < MOST)) sent += await desk.flow(25);
  await crashes.mended();
  return crashes.killed;
}
