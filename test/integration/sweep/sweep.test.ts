import { afterEach, describe, expect, test } from 'vitest';
import type { SiteOptionsDraft } from '../../fakes/jira/options.ts';
import { DAY, MINUTE, openSweptDesk, type SweptDesk } from './support.ts';

const opened: SweptDesk[] = [];

afterEach(async () => {
  for (const desk of opened.splice(0)) {
    const violations = [...desk.site.violations];
    await desk[Symbol.asyncDispose]();
    expect(violations).toEqual([]);
  }
});

/** A desk where sweeping has begun. */
async function begun(options: Parameters<typeof openSweptDesk>[0] = {}): Promise<SweptDesk> {
  const desk = await openSweptDesk(options);
  opened.push(desk);
  await desk.sweep();
  desk.time.now += 5 * MINUTE;
  return desk;
}

/** So many tickets, evenly over this time. */
async function reportMany({ report, time }: SweptDesk, count: number, inMs: number): Promise<string[]> {
  const keys = [];
  for (let index = 0; index < count; index++) {
    keys.push(await report());
    time.now += inMs / count;
  }
  return keys;
}

async function allEditedOnce(desk: SweptDesk, keys: readonly string[]): Promise<void> {
  expect(keys.filter((key) => desk.edits(key) !== 1)).toEqual([]);
  expect(keys.every((key) => desk.site.issue(key)?.labels.includes('cat-network'))).toBe(true);
  expect(await desk.accounts()).toMatchObject({ unaccounted: 0 });
}

describe('webhooks that are lost', () => {
  test('one in a hundred is found by the next sweep; every ticket is edited once', async () => {
    const desk = await begun();
    desk.connect();
    const keys = [];
    for (let index = 0; index < 200; index++) {
      if (index % 100 === 42) desk.site.webhooks.dropNext(1);
      keys.push(...(await reportMany(desk, 1, 1_000)));
    }
    await desk.site.webhooks.flush();
    await desk.work();
    await desk.site.webhooks.flush();
    await desk.work();
    expect(keys.filter((key) => desk.edits(key) === 0)).toHaveLength(2);
    desk.time.now += 5 * MINUTE;
    expect(await desk.sweep()).toMatchObject({ triage: 2, learn: 0, missing: 0, isComplete: true });
    await desk.work();
    await allEditedOnce(desk, keys);
  });

  test('all of them are, too', async () => {
    const desk = await begun();
    const keys = await reportMany(desk, 120, 4 * MINUTE);
    desk.time.now += 5 * MINUTE;
    expect(await desk.sweep()).toMatchObject({ triage: 120, isComplete: true });
    await desk.work();
    await allEditedOnce(desk, keys);
    desk.time.now += 5 * MINUTE;
    expect(await desk.sweep()).toMatchObject({ triage: 0, learn: 0 });
  });

  test('one that comes after all, edited since or not, changes nothing any more', async () => {
    const desk = await begun();
    desk.connect();
    desk.site.webhooks.pause();
    const keys = await reportMany(desk, 20, MINUTE);
    desk.time.now += 5 * MINUTE;
    await desk.sweep();
    await desk.work();
    for (const key of keys.slice(10)) desk.site.editAs('agent-ada', key, { summary: 'The network is slow, not down' });
    desk.site.webhooks.resume();
    await desk.site.webhooks.flush();
    await desk.work();
    await allEditedOnce(desk, keys);
  });

  test('one that comes while the sweep’s delivery waits in the queue is not decided beside it', async () => {
    const desk = await begun();
    desk.connect();
    desk.site.webhooks.pause();
    const keys = await reportMany(desk, 20, MINUTE);
    desk.time.now += 5 * MINUTE;
    await desk.sweep();
    desk.site.webhooks.resume();
    await desk.site.webhooks.flush();
    await desk.work();
    await allEditedOnce(desk, keys);
    const counts = await desk.ledger.deliveryCounts();
    expect(counts['triaged']).toBe(20);
  });

  test('a correction among them is learnt from', async () => {
    const desk = await begun();
    const [key = ''] = await reportMany(desk, 1, 4 * MINUTE);
    desk.time.now += MINUTE;
    await desk.sweep();
    await desk.work();
    desk.time.now += 5 * MINUTE;
    desk.site.editAs('agent-ada', key, { removeLabels: ['cat-network'], addLabels: ['cat-printer'] });
    desk.time.now += 5 * MINUTE;
    expect(await desk.sweep()).toMatchObject({ triage: 0, learn: 1 });
    await desk.work();
    const { outcomes } = await desk.ledger.story(key);
    expect(outcomes).toMatchObject([{ target: 'category', result: 'overridden', to: 'printer' }]);
    desk.time.now += 5 * MINUTE;
    expect(await desk.sweep()).toMatchObject({ learn: 0 });
  });
});

describe('a week of downtime', () => {
  test.each<[string, number, SiteOptionsDraft & { ourClockOffMs?: number }]>([
    ['in short pages', 300, { pageLimit: 30 }],
    [
      'where Jira is half a day ahead of Greenwich, and we are an hour late',
      40,
      { timeZoneOffset: '+1245', ourClockOffMs: -60 * MINUTE },
    ],
    ['where Jira is behind Greenwich, and we are a day early', 40, { timeZoneOffset: '-1100', ourClockOffMs: DAY }],
    ['where search is minutes behind', 40, { indexLagMs: 3 * MINUTE }],
  ])('is caught up %s, each of %i tickets edited once', async (_where, count, options) => {
    const desk = await begun(options);
    // The week holds the last Sunday of March, when clocks in Europe are changed.
    const keys = await reportMany(desk, count, 7 * DAY);
    desk.time.now += 10 * MINUTE;
    for (let isComplete = false; !isComplete; ) {
      isComplete = (await desk.sweep()).isComplete;
      await desk.work();
      desk.time.now += 5 * MINUTE;
    }
    await allEditedOnce(desk, keys);
    expect(await desk.sweep()).toMatchObject({ triage: 0, learn: 0, isComplete: true });
  });
});
