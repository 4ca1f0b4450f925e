import { expect, it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';
import { postUnderNewName } from './again.ts';

const TICKETS = scaled(500);
const COPIES = 20;

it.each(STACKS)(
  'duplicates, the last first, copies at once, replays after a restart: one edit each on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '02 again and again', stack });
    const { site, dice } = desk;
    letPeopleEdit(desk, dice);
    await desk.startAll();
    let faults = 0;
    const anyOf = (count: number) => dice.points(count, { from: 0, to: site.webhooks.deliveries().length - 1 });
    const idAt = (index: number) => site.webhooks.deliveries()[index]?.id ?? '';

    site.webhooks.duplicate(TICKETS);
    site.webhooks.reorder(40);
    await desk.flow(TICKETS);
    site.webhooks.reorder(0);
    faults += TICKETS;
    for (const index of anyOf(10)) {
      const copies = Array.from({ length: COPIES }, () => postUnderNewName(desk, idAt(index)));
      for (let copy = 0; copy < COPIES; copy++) site.webhooks.redeliver(idAt(index));
      expect((await Promise.all(copies)).map(({ status }) => status)).toEqual(copies.map(() => 202));
      faults += 2 * COPIES;
    }
    await desk.settle(60_000);

    for (const process of [...desk.running]) await desk.replace(process);
    for (const index of anyOf(TICKETS / 2)) {
      site.webhooks.redeliver(idAt(index));
      expect(await postUnderNewName(desk, idAt(index))).toMatchObject({ status: 202 });
      faults += 2;
    }
    await desk.settle(60_000);
    await desk.pronounce(faults);
  },
);
