import { expect, it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';

const TICKETS = scaled(500);

it('Redis is full: 503 and never 202, and on it goes when there is room', async () => {
  await using desk = await openDesk({ scenario: '03d Redis full', stack: 'redis' });
  letPeopleEdit(desk, desk.dice);
  await desk.startAll();
  await desk.flow(TICKETS / 5);
  await desk.settle(60_000);
  await limitMemory(desk, '1mb');
  await desk.send((TICKETS * 4) / 5);
  await expect.poll(() => statuses(desk).has(503), { timeout: 20_000 }).toBe(true);
  await limitMemory(desk, '0');
  await desk.settle(90_000);
  expect([...statuses(desk)].toSorted()).toEqual([202, 503]);
  await desk.pronounce(1);
});

async function limitMemory({ stack }: FaultDesk, size: string): Promise<void> {
  await stack.redis?.cli('config', 'set', 'maxmemory', size);
}

function statuses({ site }: FaultDesk): ReadonlySet<number | null> {
  return new Set(site.webhooks.deliveries().flatMap(({ attempts }) => attempts.map(({ status }) => status)));
}
