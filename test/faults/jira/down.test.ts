import { expect, it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';

const TICKETS = scaled(500);
const DOWN_MS = 15_000;

/** A minute in life; by then the pauses between tries are as long as the outage, here they reach 8 s. */
it.concurrent.each(STACKS)(
  'Jira is away for a while: everything is taken, and triaged afterwards on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '07a Jira away', stack });
    const { site, dice, watch } = desk;
    letPeopleEdit(desk, dice);
    await desk.startAll();
    await desk.flow(TICKETS / 5);

    let isAway = false;
    watch.each(() => (isAway ? { cut: 'reset', applied: dice.roll() < 0.2 } : undefined));
    await new Promise<void>((resolve) => watch.at('edit', dice.between(1, 50), () => void resolve()));
    isAway = true;
    await desk.send((TICKETS * 4) / 5);
    await new Promise((resume) => setTimeout(resume, DOWN_MS));
    const answers = site.webhooks.deliveries().flatMap(({ attempts }) => attempts.map(({ status }) => status));
    expect(new Set(answers)).toEqual(new Set([202]));
    isAway = false;

    await desk.settle(90_000);
    await desk.pronounce(1);
  },
);
