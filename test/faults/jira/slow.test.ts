import { expect, it } from 'vitest';
import { quantile } from '../../bench/report.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';

const TICKETS = scaled(500);
const SLOW = scaled(150);

it.concurrent.each(STACKS)('Jira answers late: webhooks do not wait for it on %s', async (stack) => {
  await using desk = await openDesk({ scenario: '07c Jira slow', stack });
  const { dice, watch, site } = desk;
  letPeopleEdit(desk, dice);
  let left = SLOW;
  watch.each(() => (left-- > 0 ? { hangMs: dice.between(500, 3_000) } : undefined));
  await desk.startAll();
  await desk.send(TICKETS);
  await desk.settle(150_000);
  const tookMs = site.webhooks.deliveries().flatMap(({ attempts }) => attempts.map((attempt) => attempt.tookMs));
  expect(tookMs).toHaveLength(TICKETS);
  await desk.pronounce(SLOW, `acknowledged within ${quantile(tookMs, 0.99)} ms (p99)`);
});
