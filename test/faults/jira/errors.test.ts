import { it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';
import { openTroubles } from './troubles.ts';

const TICKETS = scaled(500);
const TROUBLED = scaled(400);

it.concurrent.each(STACKS)(
  'Jira fails three requests of ten in every way it knows: one edit each on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '07b Jira errors', stack });
    letPeopleEdit(desk, desk.dice);
    const troubles = openTroubles(desk.dice, { share: 0.3, requests: TROUBLED });
    desk.watch.each(troubles.next);
    await desk.startAll();
    await desk.send(TICKETS);
    await desk.settle(150_000);
    const faults = Object.values(troubles.met).reduce((sum, count) => sum + count, 0);
    await desk.pronounce(faults, `${Object.keys(troubles.met).length} kinds`);
  },
);
