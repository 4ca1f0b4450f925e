import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { openTroubles } from '../jira/troubles.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';

const TICKETS = scaled(500);
const HOUR_MS = 3_600_000;
/** From each to the next the clock jumps, forwards and back. */
const SHIFTS_MS = [0, HOUR_MS, 0, 168 * HOUR_MS, -HOUR_MS, -168 * HOUR_MS, 0];

it.concurrent.each(STACKS)(
  'the clock jumps by an hour and a week, forwards and back: nothing is lost or done twice on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '10 clock jumps', stack });
    letPeopleEdit(desk, desk.dice);
    // What fails now and then waits for its next try by this very clock.
    const troubles = openTroubles(desk.dice, { share: 0.1, requests: TICKETS });
    desk.watch.each(troubles.next);
    const file = join(desk.folder, 'clock-shift');
    const shift = (ms: number) => writeFileSync(file, String(ms));
    shift(0);
    const preload = new URL('shifted-clock.ts', import.meta.url).href;
    await desk.startAll({ CLOCK_SHIFT_FILE: file, NODE_OPTIONS: `--import ${preload}` });
    for (const ms of SHIFTS_MS) {
      const jumped = atARequest(desk, () => shift(ms));
      await desk.send(TICKETS / SHIFTS_MS.length);
      await jumped;
    }
    await desk.settle(150_000);
    await desk.pronounce(SHIFTS_MS.length - 1);
  },
);

async function atARequest({ watch, dice }: FaultDesk, act: () => void): Promise<void> {
  await new Promise<void>((resolve) => {
    watch.at('any', dice.between(5, Math.ceil(TICKETS / 5)), () => {
      act();
      resolve();
      return undefined;
    });
  });
}
