import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eased, FULL_SPEED, SLOWEST, slowedDown, speedAt } from '../../../../../src/adapters/jira/pace/speed.ts';
import { answer, most, open, put } from './paced.ts';

/** The longest way from the slowest speed to the full one. */
const RECOVERY_MS = 18_200;

describe('after a pause', () => {
  const after = slowedDown(FULL_SPEED, { now: 0, until: 1_000 });

  test('we begin with a tenth, double every two seconds to the half, and add a twentieth every second from there', () => {
    expect(speedAt(FULL_SPEED, 0)).toBe(1);
    expect([0, 1_000, 3_000, 5_000].map((at) => speedAt(after, at))).toEqual([0.1, 0.1, 0.2, 0.4]);
    const half = 1_000 + 2_000 * Math.log2(5);
    expect(speedAt(after, half)).toBeCloseTo(0.5);
    expect(speedAt(after, half + 2_000)).toBeCloseTo(0.6);
    expect(speedAt(after, half + 10_000)).toBeCloseTo(1);
    expect(speedAt(after, half + 20_000)).toBe(1);
  });

  test('another one makes us careful from half of what was too much', () => {
    const now = 1_000 + 2_000 * Math.log2(4);
    const again = slowedDown(after, { now, until: now });
    expect(speedAt(again, now + 2_000)).toBeCloseTo(0.2);
    expect(speedAt(again, now + 4_000)).toBeCloseTo(0.3);
  });

  test('being eased never makes us faster', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 60_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (at, share) => {
          const before = speedAt(after, at);
          const now = speedAt(eased(after, at, share), at);
          expect(now).toBeLessThanOrEqual(before + 1e-9);
          expect(now).toBeLessThanOrEqual(Math.max(share, SLOWEST) + 1e-9);
        },
      ),
    );
  });

  test('however often and whenever we had to slow down, we only get faster and are at full speed in time', () => {
    const event = fc.record({
      gapMs: fc.integer({ min: 0, max: 30_000 }),
      pauseMs: fc.integer({ min: 0, max: 5_000 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        let now = 0;
        let speed = FULL_SPEED;
        for (const { gapMs, pauseMs } of events) {
          now += gapMs;
          speed = slowedDown(speed, { now, until: now + pauseMs });
          now += pauseMs;
        }
        const later = Array.from({ length: 100 }, (_, step) => speedAt(speed, now + (step * RECOVERY_MS) / 99));
        expect(later).toEqual(later.toSorted((one, other) => one - other));
        expect(Math.min(...later)).toBeGreaterThanOrEqual(SLOWEST);
        expect(speedAt(speed, now + RECOVERY_MS)).toBeCloseTo(1);
      }),
    );
  });
});

describe('after any answers', () => {
  const kinds = [
    answer(200),
    answer(200, { 'x-ratelimit-limit': '350', 'x-ratelimit-remaining': '7' }),
    answer(200, { 'x-ratelimit-nearlimit': 'true' }),
    answer(429, { 'ratelimit-reason': 'jira-burst-based', 'retry-after': '1' }),
    answer(429, { 'ratelimit-reason': 'jira-burst-based', 'retry-after': '3' }),
    answer(429, { 'ratelimit-reason': 'jira-per-issue-on-write', 'retry-after': '2' }),
    answer(429, { 'ratelimit-reason': 'jira-quota-tenant-based', 'retry-after': '4' }),
    answer(429, { 'ratelimit-reason': 'jira-max-concurrent-threads-x', 'retry-after': '1' }),
    answer(429),
    answer(503, { 'retry-after': '2' }),
  ];
  const step = fc.record({ gapMs: fc.integer({ min: 0, max: 3_000 }), kind: fc.constantFrom(...kinds) });

  test('nothing is sent above the limit, nobody waits for ever, and all of it is used again after a while', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { clock, pace } = open();
        const sent: number[] = [];
        let asked = 0;
        let settled = 0;
        const send = () => {
          asked += 1;
          pace
            .admit(put(1_000 + asked))
            .then(
              () => sent.push(clock.now()),
              () => {},
            )
            .finally(() => {
              settled += 1;
            });
        };
        const flow = async (ms: number) => {
          for (let passed = 0; passed < ms; passed += 100) {
            for (let index = 0; index < 6; index += 1) send();
            await clock.pass(100);
          }
        };
        for (const { gapMs, kind } of steps) {
          await flow(gapMs);
          await pace.heed(put(1), kind);
        }
        await flow(RECOVERY_MS + 6_000);
        const calm = clock.now();
        await flow(2_000);
        await clock.pass(1_000);
        expect(settled).toBe(asked);
        expect(most(sent, 1_000)).toBeLessThanOrEqual(50 * 1.2 + 1);
        expect(sent.filter((at) => at >= calm && at < calm + 2_000).length).toBeGreaterThanOrEqual(95);
      }),
      { numRuns: 15 },
    );
  }, 30_000);
});
