import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ask, type Books, EVERYTHING, issueNamed } from '../../../src/adapters/jira/pace/books.ts';
import { FULL_SPEED, type Speed, slowedDown, speedAt } from '../../../src/adapters/jira/pace/speed.ts';
import { type Site, sites } from '../support/pace-books.ts';

const ENDPOINT = 'PUT /rest/api/3/issue/{}';
const OTHER = 'GET /rest/api/3/issue/{}';

const ask = (parts: Partial<Ask> = {}): Ask => ({
  endpoint: ENDPOINT,
  perSecond: 5,
  issue: null,
  maxWaitMs: 60_000,
  isDue: false,
  ...parts,
});
const many = (count: number, parts: Partial<Ask> = {}) => Array.from({ length: count }, () => ask(parts));

describe.each(sites)('books $name', ({ open }) => {
  let site: Site;
  let books: Books;
  beforeAll(async () => {
    site = await open();
  });
  beforeEach(async () => {
    await site.reset();
    books = site.replica();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  const waits = async (asks: readonly Ask[]) => (await books.book(asks)).map(({ waitMs }) => waitMs);
  /** What is left of so many milliseconds, for the clocks of servers go on while they are asked. */
  const expectLeft = (left: number | undefined, of: number) => {
    expect(left).toBeLessThanOrEqual(of + 1);
    expect(left).toBeGreaterThan(of - 600);
  };

  test('have nothing to say when nobody asks', async () => {
    expect(await books.book([])).toEqual([]);
  });

  test('let a few go at once, and the others at the pace of their endpoint', async () => {
    expect((await waits(many(6))).map(Math.round)).toEqual([0, 0, 200, 400, 600, 800]);
    expect(await waits(many(2, { endpoint: OTHER, perSecond: 1_000 }))).toEqual([0, 0]);
  });

  test('take no turn for who would wait too long, and say how long it would have been', async () => {
    await books.book(many(10));
    for (const { waitMs, scope } of await books.book(many(5, { maxWaitMs: 1_000 }))) {
      expectLeft(waitMs, 1_800);
      expect(scope).toBe('endpoint');
    }
    expectLeft((await waits([ask()]))[0], 1_800);
  });

  test('are one for all replicas', async () => {
    const replicas = Array.from({ length: 4 }, () => site.replica());
    const turns = await Promise.all(replicas.map((replica) => replica.book(many(5, { perSecond: 10 }))));
    const ends = turns.flat().map(({ waitMs }) => Math.round(waitMs / 100));
    // Two and a half rows of a tenth of a second: each turn is given once.
    const sorted = ends.toSorted((one, other) => one - other);
    for (const [index, end] of sorted.entries()) expect(Math.abs(end - Math.max(0, index - 2))).toBeLessThanOrEqual(4);
  });

  test('keep the pace of real time', async () => {
    await books.book(many(3));
    const before = (await books.book([ask({ maxWaitMs: 0 })]))[0]?.waitMs ?? 0;
    await pause(150);
    const after = (await books.book([ask({ maxWaitMs: 0 })]))[0]?.waitMs ?? 0;
    expect(before - after).toBeGreaterThanOrEqual(140);
  });

  describe('of an issue', () => {
    const write = { issue: 'DESK-7', perSecond: 1_000_000 };

    test('let 18 writes go in 2 s and 90 in 30 s', async () => {
      const ends = await waits(many(100, write));
      expect(ends.filter((end) => end < 1_999)).toHaveLength(18);
      expect(ends.filter((end) => end < 3_999)).toHaveLength(36);
      expect(ends.filter((end) => end < 29_999)).toHaveLength(90);
      expect(ends[90]).toBeCloseTo(30_000, 0);
    });

    test('hold up no other issue, no reading, and count all endpoints', async () => {
      await books.book(many(9, write));
      await books.book(many(9, { ...write, endpoint: 'POST /comment' }));
      const [turn] = await books.book([ask({ ...write, maxWaitMs: 0 })]);
      expect(turn).toMatchObject({ scope: 'issue' });
      expect(await waits([ask({ ...write, issue: 'DESK-8' }), ask({ ...write, issue: null })])).toEqual([0, 0]);
    });

    test('remember nothing of writes that were refused', async () => {
      await books.book(many(18, write));
      await books.book(many(50, { ...write, maxWaitMs: 10 }));
      expectLeft((await waits([ask(write)]))[0], 2_000);
    });
  });

  describe('after a pause', () => {
    test.each([
      ['of an endpoint', ENDPOINT, 'endpoint'],
      ['of everything', EVERYTHING, 'site'],
      ['of an issue', issueNamed('DESK-7'), 'issue'],
    ])('%s keep just that waiting, in all replicas', async (_what, what, scope) => {
      await books.heed({ kind: 'pause', what, pauseMs: 5_000 });
      await books.heed({ kind: 'pause', what, pauseMs: 1_000 });
      const other = site.replica();
      const asks = [ask({ issue: 'DESK-7' }), ask({ endpoint: OTHER, issue: 'DESK-8' }), ask({ endpoint: OTHER })];
      const turns = await other.book(asks.map((one) => ({ ...one, maxWaitMs: 10 })));
      const isMet = scope === 'site' ? [true, true, true] : [true, false, false];
      expect(turns.map(({ waitMs }) => waitMs > 4_000)).toEqual(isMet);
      expect(turns[0]).toMatchObject({ scope });
      expect(turns.filter(({ waitMs }) => waitMs > 5_001)).toEqual([]);
    });

    test('come back at a tenth of the speed, and not all at once', async () => {
      await books.heed({ kind: 'pause', what: ENDPOINT, pauseMs: 1_000 });
      const [first = 0, second = 0, third = 0] = await waits(many(3, { perSecond: 50 }));
      expectLeft(first, 1_000);
      expect(Math.abs(second - first - 200)).toBeLessThanOrEqual(1);
      // A little faster by then.
      expect(third - second).toBeGreaterThan(150);
      expect(third - second).toBeLessThan(200);
      expect(await waits(many(2, { endpoint: OTHER, perSecond: 50 }))).toEqual([0, 0]);
    });

    test('go at the speed of the moment, after one pause and after another', async () => {
      const gapsAfter = async (speed: Speed) => {
        const turns = await books.book(many(14, { perSecond: 2 }));
        for (const [index, { waitMs }] of turns.slice(0, -1).entries()) {
          const gap = (turns[index + 1]?.waitMs ?? 0) - waitMs;
          expect(Math.abs(gap * speedAt(speed, waitMs) - 500)).toBeLessThan(75);
        }
        return turns.length;
      };
      await books.heed({ kind: 'pause', what: ENDPOINT, pauseMs: 1_000 });
      const once = slowedDown(FULL_SPEED, { now: 0, until: 1_000 });
      expect(await gapsAfter(once)).toBe(14);
      // The pause is over for one of a second ago.
      await site.reset();
      books = site.replica();
      await books.heed({ kind: 'pause', what: ENDPOINT, pauseMs: 1 });
      await pause(5);
      await books.heed({ kind: 'pause', what: ENDPOINT, pauseMs: 1_000 });
      expect(await gapsAfter(slowedDown(once, { now: 1_000, until: 1_000 }))).toBe(14);
    });

    test('ask who is due to wait again, and nobody else', async () => {
      expect(await books.book([ask({ isDue: true, maxWaitMs: 0 })])).toMatchObject([{ waitMs: 0 }]);
      await books.book(many(20));
      expect(await books.book([ask({ isDue: true, maxWaitMs: 0 })])).toMatchObject([{ waitMs: 0 }]);
      await books.heed({ kind: 'pause', what: EVERYTHING, pauseMs: 3_000 });
      const [turn] = await books.book([ask({ isDue: true, maxWaitMs: 0, endpoint: OTHER })]);
      expect(turn?.scope).toBe('site');
      expect(turn?.waitMs).toBeGreaterThan(2_500);
    });
  });

  test('go slower while little is left', async () => {
    await books.heed({ kind: 'ease', what: ENDPOINT, share: 0.5 });
    expectLeft((await waits(many(2, { perSecond: 2 })))[1], 800);
    await books.heed({ kind: 'ease', what: EVERYTHING, share: 0 });
    const [, second = 0] = await waits(many(2, { endpoint: OTHER, perSecond: 1 }));
    expect(second).toBeGreaterThan(8_000);
    expect(second).toBeLessThanOrEqual(9_800);
  });

  test('take any name', async () => {
    const names = ['__proto__', "x'; drop table triage.pace; --", 'ß 💥 {a}', '%', ' '];
    const turns = await books.book(
      names.flatMap((name) => [ask({ endpoint: name, issue: name }), ask({ endpoint: name })]),
    );
    expect(turns).toHaveLength(10);
    for (const name of names) await books.heed({ kind: 'pause', what: name, pauseMs: 9_000 });
    const [paused] = await books.book([ask({ endpoint: '__proto__', maxWaitMs: 0 })]);
    expect(paused?.waitMs).toBeGreaterThan(8_000);
  });
});
