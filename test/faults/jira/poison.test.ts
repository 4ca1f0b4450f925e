import { expect, it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';

const TICKETS = scaled(500);
const POISON = 10;

it.concurrent.each(STACKS)('tickets that Jira refuses or breaks on for ever hold up no others on %s', async (stack) => {
  await using desk = await openDesk({ scenario: '13 poison', stack });
  const { dice, watch, site } = desk;
  const born = new Map<string, { readonly status: number; readonly asked: 'look' | 'edit' }>();
  // A ticket on which people decide everything themselves needs no edit, and ends.
  letPeopleEdit({ site, watch, isSpared: (issueId) => born.has(issueId) }, dice);
  watch.each(({ asked, issueId }) => {
    const poison = issueId === null ? undefined : born.get(issueId);
    if (poison?.asked !== asked) return undefined;
    return { status: poison.status, body: { errorMessages: ['no'], errors: {} } };
  });
  site.webhooks.pause();
  await desk.send(TICKETS / 2);
  const poisoned = await desk.send(POISON);
  for (const { born: issue } of poisoned)
    born.set(issue.id, { status: dice.pick([400, 500]), asked: dice.pick(['look', 'edit'] as const) });
  await desk.send(TICKETS / 2);
  site.webhooks.resume();
  await desk.startAll();

  desk.leaveOut(poisoned);
  await desk.settle(90_000);
  for (const { born: issue } of poisoned) {
    const { deliveries } = await desk.admin().story(issue.key);
    const expected = born.get(issue.id)?.status === 400 ? 'failed' : 'accepted';
    expect(deliveries.map(({ state }) => state)).toEqual([expected]);
    expect(site.edits(issue.key)).toEqual([]);
  }
  await desk.pronounce(POISON);
});
