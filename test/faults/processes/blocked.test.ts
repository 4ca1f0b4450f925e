import { expect, it } from 'vitest';
import { LOCK_MS } from '../../../src/queue/backend.ts';
import type { Running } from '../desk/crew.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';

const TICKETS = scaled(500);
/** The lock of a job has gone by then, and others had time to notice. */
const STOPPED_MS = LOCK_MS + 6_000;

it.concurrent.each(STACKS)(
  'a process stands still beyond its locks and wakes up: one edit each on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '12 stands still', stack });
    letPeopleEdit(desk, desk.dice);
    await desk.startAll();
    const stopping = [standStill(desk, 'edit', true), standStill(desk, 'edit', false), standStill(desk, 'look', true)];
    await desk.flow(TICKETS);
    // Who stands still may be all there is.
    await Promise.all(stopping);
    await desk.settle(90_000);
    await desk.pronounce(stopping.length);
  },
);

/** Whoever asks Jira at a drawn request stands still before it hears the answer, one of the workers at least. */
async function standStill(desk: FaultDesk, asked: 'look' | 'edit', isApplied: boolean): Promise<void> {
  const { watch, dice } = desk;
  const nth = dice.between(10, TICKETS / 3);
  const victims = await new Promise<readonly Running[]>((resolve) => {
    watch.at(asked, nth, () => {
      const working = desk.running.filter(({ entry }) => entry !== 'intake');
      const stopped = working.slice(0, Math.max(1, working.length - 1));
      for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
      resolve(stopped);
      // It finds the answer when it wakes up.
      return { hangMs: 50, applied: isApplied };
    });
  });
  await new Promise((resume) => setTimeout(resume, STOPPED_MS));
  for (const { pid } of victims) process.kill(pid, 'SIGCONT');
  expect(victims.length).toBeGreaterThan(0);
}
