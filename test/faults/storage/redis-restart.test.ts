import { expect, it, vi } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { sweep } from './sweep.ts';

const TICKETS = scaled(500);

it.concurrent('Redis is killed three times and comes back with its data: nothing acknowledged is lost', async () => {
  await using desk = await openDesk({ scenario: '03a Redis killed, data kept', stack: 'redis' });
  letPeopleEdit(desk, desk.dice);
  await desk.startAll();
  for (const _ of ['first', 'second', 'third']) {
    const killed = atAnEdit(desk, () => redisOf(desk).kill());
    await desk.send(TICKETS / 3);
    await killed;
    await redisOf(desk).restart();
  }
  await desk.settle(120_000);
  await desk.pronounce(3);
});

it.concurrent('Redis comes back empty: the sweep and the requeue find what was in it', async () => {
  await using desk = await openDesk({ scenario: '03b Redis emptied', stack: 'redis' });
  letPeopleEdit(desk, desk.dice);
  await desk.startAll();
  await desk.settle(30_000);
  const emptied = atAnEdit(desk, () => redisOf(desk).kill());
  await desk.send(TICKETS);
  await emptied;
  await redisOf(desk).restart({ withData: false });
  await desk.site.webhooks.flush();

  const since = await sweep(desk);
  expect(since).toMatch(/handed over/);
  // What is open is queued again when it is a minute old; nobody needs to wait for that here.
  await vi.waitFor(() => desk.admin().idle({ timeoutMs: 1_000 }), PATIENCE);
  await desk.settle(10_000);
  await desk.pronounce(1, since.trim().split('\n')[0] ?? '');
});

const PATIENCE = { timeout: 200_000, interval: 1_000 };

function redisOf({ stack }: FaultDesk) {
  if (!stack.redis) throw new Error('this stack has no Redis');
  return stack.redis;
}

/** Has something done at an edit that the dice choose, with much of the run still to come. */
async function atAnEdit({ watch, dice }: FaultDesk, act: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    watch.at('edit', dice.between(5, Math.ceil(TICKETS / 6)), () => {
      act().then(resolve, reject);
      return undefined;
    });
  });
}
