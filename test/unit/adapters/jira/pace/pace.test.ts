import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPace } from '../../../../../src/adapters/jira/pace/pace.ts';
import { RateLimitedError } from '../../../../../src/domain/errors.ts';
import { get, many, most, open, put, search, sendAll } from './paced.ts';
import { stoppedClock } from './stopped-clock.ts';

describe('an endpoint', () => {
  test.each([
    ['PUT', 50, (index: number) => put(10_000 + index)],
    ['GET of an issue', 150, (index: number) => get(10_000 + index)],
    ['POST', 100, () => search],
  ])('takes no more than Jira allows: %s %i a second', async (_what, perSecond, request) => {
    const desk = open();
    const { sent, refused } = await sendAll(desk, many(1_000, request));
    expect(sent.length).toBeGreaterThan(perSecond);
    expect(most(sent, 1_000)).toBeLessThanOrEqual(perSecond * 1.2 + 1);
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) {
      expect(error).toBeInstanceOf(RateLimitedError);
      expect(error).toMatchObject({ scope: 'endpoint', retryAfterMs: expect.closeTo(1_010, -2) });
    }
  });

  test('lets a few go at once and keeps the pace over a long time', async () => {
    const { clock, pace } = open();
    expect(await Promise.all(many(10, (index) => pace.admit(put(index + 1))))).toEqual(many(10, () => 0));
    const sent: number[] = [];
    for (let second = 0; second < 20; second += 1) {
      for (let index = 0; index < 60; index += 1)
        pace.admit(put(1_000 * second + index + 1)).then(
          () => sent.push(clock.now()),
          () => {},
        );
      await clock.pass(1_000);
    }
    expect(sent.length).toBeLessThanOrEqual(50 * 21);
    expect(sent.length).toBeGreaterThanOrEqual(50 * 20 - 10);
  });

  test('lets those who have to wait go together, ten times a second, and nobody else wait', async () => {
    const desk = open();
    const { sent } = await sendAll(
      desk,
      many(40, (index) => put(index + 1)),
    );
    const later = sent.filter((at) => at > 0);
    expect(later).toHaveLength(29);
    expect([...new Set(later)]).toEqual([100, 200, 300, 400, 500, 600]);
  });

  test('does not slow another one down', async () => {
    const desk = open();
    await sendAll(
      desk,
      many(200, (index) => put(index + 1)),
    );
    expect((await sendAll(desk, [get(1), search])).refused).toEqual([]);
  });

  test('does not get all at once what a busy process overslept', async () => {
    const clock = stoppedClock();
    // The process wakes only at full seconds.
    const sleep = (ms: number) => clock.sleep(1_000 - ((clock.now() + ms) % 1_000 || 1_000) + ms);
    const pace = openPace({ timer: { now: clock.now, sleep } });
    const { sent } = await sendAll(
      { clock, pace },
      many(40, (index) => put(index + 1)),
      3_000,
    );
    expect(most(sent, 100)).toBeLessThanOrEqual(16);
    expect(sent.length).toBeGreaterThan(15);
  });

  test('counts each project, issue and comment as the same', async () => {
    const desk = open();
    const paths = (index: number) => [
      `/rest/api/3/project/P${index}/components`,
      `/rest/api/3/issue/DESK-${index}/comment`,
    ];
    for (const at of [0, 1]) {
      const requests = many(500, (index) => ({ method: 'GET', path: paths(index + 1)[at] ?? '' }));
      expect((await sendAll(desk, requests)).refused.length).toBeGreaterThan(300);
    }
  });

  test('gives us our share of it', async () => {
    const half = await sendAll(
      open(0.5),
      many(200, (index) => put(index + 1)),
    );
    expect(half.sent.length).toBeLessThanOrEqual(32);
    const little = open(0.01);
    await little.pace.admit(put(1));
    await expect(little.pace.admit(put(2))).rejects.toMatchObject({ retryAfterMs: 1_800 });
  });
});

describe('an issue', () => {
  test('is written to less often than Jira allows, however it is written to', async () => {
    const desk = open();
    const writes = [put(7), { method: 'POST', path: '/rest/api/3/issue/7/comment' }];
    const { sent, refused } = await sendAll(
      desk,
      many(40, (index) => writes[index % 2] ?? put(7)),
    );
    expect(sent).toHaveLength(18);
    expect(refused).toHaveLength(22);
    for (const error of refused) expect(error).toMatchObject({ scope: 'issue', retryAfterMs: 2_000 });
  });

  test('that rests may be read, and others written to', async () => {
    const desk = open();
    await sendAll(
      desk,
      many(40, () => put(7)),
    );
    expect((await sendAll(desk, [get(7), put(8), put('DESK-7')])).refused).toEqual([]);
  });

  test('that waits for its turn holds no other one up', async () => {
    const desk = open();
    await sendAll(
      desk,
      many(18, () => put(7)),
      1_300,
    );
    const { sent } = await sendAll(desk, [put(7), put(8)]);
    expect(sent).toEqual([1_300, 2_000]);
  });

  test('may be written to when we said so', async () => {
    const desk = open();
    for (let round = 0; round < 10; round += 1) {
      const { refused } = await sendAll(
        desk,
        many(30, () => put(7)),
      );
      const last = refused.at(-1);
      expect(last).toMatchObject({ scope: 'issue' });
      // Two seconds have passed since.
      await desk.clock.pass(Math.max(0, (last?.retryAfterMs ?? 0) - 2_000));
      expect(await desk.pace.admit(put(7))).toBe(0);
    }
  });

  test('never sees more than 20 writes in 2 s or 100 in 30 s', async () => {
    const step = fc.record({ issue: fc.integer({ min: 1, max: 2 }), gapMs: fc.integer({ min: 0, max: 400 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 50, maxLength: 400 }), async (steps) => {
        const { clock, pace } = open();
        const sent = new Map<number, number[]>();
        const waits: number[] = [];
        const refusals: number[] = [];
        for (const { issue, gapMs } of steps) {
          pace.admit(put(issue)).then(
            (waitedMs) => {
              waits.push(waitedMs);
              sent.set(issue, [...(sent.get(issue) ?? []), clock.now()]);
            },
            ({ retryAfterMs }) => refusals.push(retryAfterMs),
          );
          await clock.pass(gapMs);
        }
        await clock.pass(1_000);
        expect(waits.length + refusals.length).toBe(steps.length);
        expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
        expect(Math.min(Number.POSITIVE_INFINITY, ...refusals)).toBeGreaterThan(1_000);
        for (const times of sent.values()) {
          expect(most(times, 2_000)).toBeLessThanOrEqual(20);
          expect(most(times, 30_000)).toBeLessThanOrEqual(100);
        }
      }),
      { numRuns: 30 },
    );
  });
});
