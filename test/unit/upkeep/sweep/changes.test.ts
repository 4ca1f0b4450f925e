import { describe, expect, test } from 'vitest';
import { writeWith } from '../../../support/fixtures.ts';
import { DAY, HOUR, MINUTE, type SweepWorld, sweepWorld } from './support.ts';

/** A ticket that was told of, triaged, edited by us and has rested since. */
async function withEdited(world: SweepWorld = sweepWorld()): Promise<SweepWorld & { readonly id: string }> {
  await world.sweep();
  world.pass(5 * MINUTE);
  const id = world.create();
  await world.ledger.settle(await world.webhook(id), 1, { state: 'triaged' });
  world.pass(4_000);
  world.change(id);
  world.pass(800);
  await world.ledger.recordWrite(writeWith({ issueId: id }));
  world.pass(HOUR);
  return { ...world, id };
}

describe('our own edit', () => {
  test('is no change that anybody missed, however often it is looked at', async () => {
    const { sweep, pass, learnt } = await withEdited();
    for (let hours = 0; hours < 30; hours++) {
      expect(await sweep()).toMatchObject({ learn: 0, triage: 0 });
      pass(HOUR);
    }
    expect(learnt()).toEqual([]);
  });

  test.each([-DAY, DAY])('nor is it while our clock is %s ms off', async (offMs) => {
    const world = sweepWorld();
    world.ours.now += offMs;
    const { sweep } = await withEdited(world);
    expect(await sweep()).toMatchObject({ learn: 0 });
  });
});

describe('a correction that no webhook told us of', () => {
  test.each([0, -DAY, DAY])('is learnt from, once per change; our clock being %s ms off', async (offMs) => {
    const world = sweepWorld();
    world.ours.now += offMs;
    const { id, change, sweep, pass, learnt } = await withEdited(world);
    change(id);
    pass(5 * MINUTE);
    for (let runs = 0; runs < 4; runs++) {
      await sweep();
      pass(5 * MINUTE);
    }
    expect(learnt()).toEqual([id]);
    change(id);
    pass(5 * MINUTE);
    await sweep();
    expect(learnt()).toEqual([id, id]);
  });

  test('is left alone where its webhook came, or may still be coming', async () => {
    const { id, change, sweep, pass, webhook, learnt } = await withEdited();
    change(id);
    await webhook(id, 'learn');
    pass(5 * MINUTE);
    await sweep();
    change(id);
    pass(MINUTE);
    await sweep();
    expect(learnt()).toEqual([]);
  });

  test('is found after a webhook about an earlier change', async () => {
    const { id, change, sweep, pass, webhook, learnt } = await withEdited();
    change(id);
    await webhook(id, 'learn');
    pass(10 * MINUTE);
    change(id);
    pass(10 * MINUTE);
    await sweep();
    expect(learnt()).toEqual([id]);
  });

  test('does not keep what comes after it from being swept when it ends without a word', async () => {
    const { id, change, sweep, pass, ledger, create, triaged } = await withEdited();
    change(id);
    pass(5 * MINUTE);
    await sweep();
    const [open] = await ledger.openDeliveries(0, 10);
    await ledger.settle(open?.id ?? '', 1, { state: 'failed', reason: 'Jira was away' });
    const ticket = create();
    pass(5 * MINUTE);
    expect(await sweep()).toMatchObject({ learn: 0, triage: 1, isComplete: true });
    expect(triaged()).toEqual([ticket]);
  });
});

describe('a ticket that was finished while nobody told us', () => {
  test('is learnt from, whether we wrote to it or not', async () => {
    const { id, change, sweep, pass, create, webhook, learnt } = await withEdited();
    const other = create();
    await webhook(other);
    pass(5 * MINUTE);
    change(id, { isFinished: true });
    change(other, { isFinished: true });
    pass(5 * MINUTE);
    expect(await sweep()).toMatchObject({ learn: 2 });
    expect(learnt().toSorted()).toEqual([id, other].toSorted());
  });

  test('is triaged and learnt from where we had never heard of it: it came and went while we were away', async () => {
    const { create, change, pass, sweep, triaged, learnt } = await withEdited();
    const id = create();
    pass(DAY);
    change(id, { isFinished: true });
    pass(DAY);
    expect(await sweep()).toMatchObject({ triage: 1, learn: 1, isComplete: true });
    expect([triaged(), learnt()]).toEqual([[id], [id]]);
  });
});

test('a change of an open ticket without an edit of ours is nothing to learn from', async () => {
  const { create, change, pass, sweep, webhook, learnt } = await withEdited();
  const id = create();
  await webhook(id);
  pass(10 * MINUTE);
  change(id);
  pass(10 * MINUTE);
  await sweep();
  expect(learnt()).toEqual([]);
});

test('what we edited last is looked up past the lag of the index, on every page alike', async () => {
  const world = await withEdited(sweepWorld({ pageSize: 2 }));
  for (let count = 0; count < 60; count++) await world.ledger.recordWrite(writeWith({ issueId: String(count) }));
  for (let count = 0; count < 5; count++) world.create();
  world.pass(5 * MINUTE);
  world.asked.length = 0;
  await world.sweep();
  expect(world.asked.length).toBeGreaterThan(4);
  const [first] = world.asked;
  expect(first?.fresh).toHaveLength(50);
  expect(world.asked.every(({ fresh }) => fresh.join() === first?.fresh.join())).toBe(true);
});
