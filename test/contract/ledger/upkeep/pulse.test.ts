import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../src/domain/decision/outcome.ts';
import type { Ledger } from '../../../../src/domain/ports/ledger.ts';
import { deliveryWith, freshId } from '../../../support/fixtures.ts';
import { outcomeWith } from '../../../support/outcomes.ts';
import { books, ended, IGNORED, receiveOne, TRIAGED } from '../../support/books.ts';
import { freshEachTime } from '../../support/fresh.ts';

const hour = (hours: number) => new Date(Date.UTC(2026, 4, 1, hours)).toISOString();
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const CONFIRMED = { result: 'confirmed' } as const;
const OVERRIDDEN = { result: 'overridden', to: 'email', by: 'ada' } as const;

describe.each(books)('the pulse in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  async function judged(...parts: readonly Partial<Outcome>[]): Promise<void> {
    await ledger.recordOutcomes(parts.map((one) => outcomeWith({ issueId: freshId(), ...one })));
  }

  describe('the backlog', () => {
    test('is empty and has no age before anything came in, and after everything has ended', async () => {
      expect(await ledger.backlog()).toEqual({ open: 0, oldestMs: 0 });
      await ended(ledger, deliveryWith(), TRIAGED);
      await receiveOne(ledger, deliveryWith({ plan: IGNORED }));
      expect(await ledger.backlog()).toEqual({ open: 0, oldestMs: 0 });
    });

    test('counts what is open and is as old as the oldest of it', async () => {
      const first = await receiveOne(ledger, deliveryWith());
      const untilSecond = await ageAbove(0);
      await receiveOne(ledger, deliveryWith());
      const both = await ledger.backlog();
      expect(both.open).toBe(2);
      expect(both.oldestMs).toBeGreaterThanOrEqual(untilSecond);
      await ledger.settle(first.id, first.attempt, TRIAGED);
      const second = await ledger.backlog();
      expect(second.open).toBe(1);
      expect(second.oldestMs).toBeLessThan((await ledger.backlog()).oldestMs + untilSecond);
    });

    async function ageAbove(ms: number): Promise<number> {
      for (;;) {
        const { oldestMs } = await ledger.backlog();
        if (oldestMs > ms) return oldestMs;
      }
    }
  });

  describe('how targets fare', () => {
    test('counts written values that were judged, and those that were replaced', async () => {
      await judged(
        CONFIRMED,
        CONFIRMED,
        OVERRIDDEN,
        { result: 'unjudged' },
        { ...OVERRIDDEN, how: 'suggested' },
        { ...CONFIRMED, target: 'priority', how: 'shadowed' },
      );
      expect(await ledger.targetQuality(LONG_AGO)).toMatchObject([
        { target: 'category', judged: 3, overridden: 1 },
        { target: 'priority', judged: 0, overridden: 0 },
      ]);
    });

    test('the calibration error is 0 where each bin keeps its word, whatever its size', async () => {
      const kept = (confidence: number, of: number) =>
        Array.from({ length: of }, (_, index) => ({
          confidence,
          ...(index < Math.round(confidence * of) ? CONFIRMED : OVERRIDDEN),
        }));
      await judged(...kept(0.25, 4), ...kept(0.5, 10), ...kept(1, 3));
      const [quality] = await ledger.targetQuality(LONG_AGO);
      expect(quality?.calibrationError).toBeCloseTo(0, 12);
    });

    test('the calibration error weighs each bin by its values, and errors of two bins do not cancel out', async () => {
      // 0.9 said and 0.5 right, twice two values; 0.2 said and all right, one value.
      await judged(
        { confidence: 0.95, ...CONFIRMED },
        { confidence: 0.85, ...OVERRIDDEN },
        { confidence: 0.95, ...CONFIRMED },
        { confidence: 0.85, ...OVERRIDDEN },
        { confidence: 0.2, ...CONFIRMED, how: 'control' },
      );
      const [quality] = await ledger.targetQuality(LONG_AGO);
      expect(quality?.calibrationError).toBeCloseTo((2 * 0.05 + 2 * 0.85 + 0.8) / 5, 12);
    });

    test('a confidence of 1 belongs to the last bin', async () => {
      await judged({ confidence: 1, ...CONFIRMED }, { confidence: 0.9, ...OVERRIDDEN });
      expect((await ledger.targetQuality(LONG_AGO))[0]?.calibrationError).toBeCloseTo(0.45, 12);
    });

    test('looks at what was judged since then', async () => {
      await judged({ ...CONFIRMED, judgedAt: hour(7) });
      expect(await ledger.targetQuality(hour(8))).toEqual([]);
      expect(await ledger.targetQuality(hour(7))).toHaveLength(1);
    });
  });
});
