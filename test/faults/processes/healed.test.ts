import { expect, it } from 'vitest';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { SERVED } from '../stack/stack.ts';

const TICKETS = scaled(60);
const HEALED_MS = 15_000;

it.each(SERVED)("a dead worker's jobs run elsewhere within 15 seconds on %s", async (stack) => {
  await using desk = await openDesk({ scenario: '01b worker dies', stack });
  const { site, watch, dice } = desk;
  await desk.startAll();
  // Slow enough that both have their hands full when one of them dies.
  watch.each(({ asked }) => (asked === 'other' ? undefined : { hangMs: 100 }));
  const died = new Promise<number>((resolve) => {
    watch.at('edit', dice.between(5, TICKETS / 3), () => {
      const victim = desk.running.filter(({ entry }) => entry === 'workers')[dice.between(0, 1)];
      if (victim) void desk.kill(victim);
      resolve(Date.now());
      return { hangMs: 500, applied: true };
    });
  });
  await desk.send(TICKETS);
  const diedAt = await died;
  await desk.settle(60_000);
  const lastAt = Math.max(...site.issues().flatMap(({ key }) => site.edits(key).map(({ at }) => at)));
  expect(lastAt - diedAt).toBeLessThan(HEALED_MS);
  await desk.pronounce(1, `the last of its jobs ran ${lastAt - diedAt} ms later`);
});
