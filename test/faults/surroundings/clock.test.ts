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
const LONGEST_MS = 8_000;
const WEEK_MS = 168 * HOUR_MS;

// All of them at once: they wait most of the time.
it.concurrent.each(STACKS)(
  'the clock goes back for a while and jumps ahead, by an hour and a week: nothing is lost or done twice on %s',
  async (stack) => {
    const shiftsMs = [0, -HOUR_MS, 0, -WEEK_MS, 0, HOUR_MS, WEEK_MS];
    await using desk = await openDesk({ scenario: '10a clock jumps', stack });
    await jump(desk, shiftsMs);
    await desk.settle(150_000);
    await desk.pronounce(shiftsMs.length - 1);
  },
);

it.concurrent.each(STACKS)(
  'the clock was ahead and is set right: what was set aside meanwhile does not wait so long on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '10b clock set right', stack });
    letPeopleEdit(desk, desk.dice);
    const shift = await startWithClock(desk);
    shift(WEEK_MS);
    const putOff = putOffEdits(desk, 20);
    await desk.send(TICKETS / 2);
    await putOff;
    shift(0);
    // What it has under way is locked by the clock that was ahead.
    const worker = desk.running.find(({ entry }) => entry !== 'intake');
    if (worker) await desk.replace(worker);
    await desk.flow(TICKETS / 2);
    // Workers look once a minute.
    await desk.settle(120_000);
    await desk.pronounce(2);
  },
);

/** Jira puts off so many edits, each of another ticket, the last one with all others of the queue; resolves when it has. */
async function putOffEdits({ watch }: FaultDesk, count: number): Promise<void> {
  const met = new Set<string>();
  await new Promise<void>((resolve) => {
    watch.each(({ asked, issueId }) => {
      if (asked !== 'edit' || issueId === null || met.size === count) return undefined;
      met.add(issueId);
      if (met.size < count) return { status: 503 };
      resolve();
      return { status: 429, headers: { 'Retry-After': '1' } };
    });
  });
}

/** From each to the next shift with tickets under way, some of which Jira puts off: they wait by this very clock. */
async function jump(desk: FaultDesk, shiftsMs: readonly number[]): Promise<void> {
  letPeopleEdit(desk, desk.dice);
  const troubles = openTroubles(desk.dice, { share: 0.1, requests: 2 * TICKETS });
  desk.watch.each(troubles.next);
  const shift = await startWithClock(desk);
  for (const ms of shiftsMs) {
    const aRequest = nextRequest(desk);
    await desk.send(TICKETS / shiftsMs.length);
    // While the clock is behind, a pause that was to take a second takes longer, and nobody asks for anything.
    await Promise.race([aRequest, new Promise((resume) => setTimeout(resume, LONGEST_MS))]);
    shift(ms);
  }
}

/** Starts every process with a clock that goes wrong by so many milliseconds as is said to what this returns. */
async function startWithClock(desk: FaultDesk): Promise<(ms: number) => void> {
  const file = join(desk.folder, 'clock-shift');
  const shift = (ms: number) => writeFileSync(file, String(ms));
  shift(0);
  const preload = new URL('shifted-clock.ts', import.meta.url).href;
  await desk.startAll({ CLOCK_SHIFT_FILE: file, NODE_OPTIONS: `--import ${preload}` });
  return shift;
}

/** One of those to come, drawn by the dice. */
async function nextRequest({ watch, dice }: FaultDesk): Promise<void> {
  await new Promise<void>((resolve) => {
    watch.at('any', dice.between(5, Math.ceil(TICKETS / 5)), () => {
      resolve();
      return undefined;
    });
  });
}
