import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/domain/decision/outcome.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { freshId } from '../../support/fixtures.ts';
import { brakeWith, outcomeWith } from '../../support/outcomes.ts';
import { books } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

const hour = (hours: number) => new Date(Date.UTC(2026, 4, 1, hours)).toISOString();
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const CONFIRMED = { result: 'confirmed' } as const;
const OVERRIDDEN = { result: 'overridden', to: 'email', by: 'ada', isExplicit: true } as const;
const FINISHED = { isFinished: true } as const;

describe.each(books)('outcomes in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  /** Outcomes of tickets of their own. */
  async function judged(...parts: readonly Partial<Outcome>[]): Promise<void> {
    await ledger.recordOutcomes(parts.map((one) => outcomeWith({ issueId: freshId(), ...one })));
  }

  describe('recording', () => {
    test('keeps them whole, whatever they hold', async () => {
      const outcomes = [
        outcomeWith({
          ...OVERRIDDEN,
          ...FINISHED,
          target: '__proto__',
          value: 'Größe "groß" \\ {1}',
          to: '打印机',
          confidence: 0.123456789,
          afterMs: 90_000_000_000,
          settledAfterMs: 0.5,
        }),
        outcomeWith({ target: 'assignee', how: 'control', value: '' }),
      ];
      await ledger.recordOutcomes(outcomes);
      expect((await ledger.story('IT-10001')).outcomes).toHaveLength(2);
      expect((await ledger.story('IT-10001')).outcomes).toEqual(expect.arrayContaining(outcomes));
    });

    test('replaces what was known of the same decision and target, and leaves its other targets', async () => {
      const first = outcomeWith({ decisionId: 'd' });
      const other = outcomeWith({ decisionId: 'd', target: 'priority', value: 'High' });
      await ledger.recordOutcomes([first, other]);
      const again = { ...first, ...OVERRIDDEN, ...FINISHED, afterMs: 5, judgedAt: hour(12) };
      await ledger.recordOutcomes([again]);
      expect((await ledger.story('IT-10001')).outcomes).toEqual([other, again]);
    });

    test('takes the last of several about the same target', async () => {
      const first = outcomeWith({ decisionId: 'd' });
      await ledger.recordOutcomes([first, { ...first, ...CONFIRMED }, { ...first, ...OVERRIDDEN }]);
      expect((await ledger.story('IT-10001')).outcomes).toEqual([{ ...first, ...OVERRIDDEN }]);
    });

    test('of nothing does nothing', async () => {
      await ledger.recordOutcomes([]);
      expect(await ledger.overrideRates(LONG_AGO)).toEqual([]);
    });

    test('two batches that overlap the other way round at the same time are both kept', async () => {
      for (let round = 0; round < 10; round += 1) {
        const pair = [outcomeWith({ decisionId: `a${round}` }), outcomeWith({ decisionId: `b${round}` })];
        await Promise.all([ledger.recordOutcomes(pair), ledger.recordOutcomes(pair.toReversed())]);
      }
      expect((await ledger.story('IT-10001')).outcomes).toHaveLength(20);
    });
  });

  describe('override rates', () => {
    const rates = (since = LONG_AGO) => ledger.overrideRates(since);

    test('are told by target, value and revision', async () => {
      await judged(CONFIRMED, OVERRIDDEN, { ...OVERRIDDEN, to: null });
      await judged({ ...CONFIRMED, value: 'email' }, { ...CONFIRMED, revision: 'next' });
      await judged({ ...OVERRIDDEN, target: 'priority', value: 'High' });
      const common = { target: 'category', value: 'access', revision: 'test-revision' };
      const found = await rates();
      expect(found).toHaveLength(4);
      expect(found).toEqual(
        expect.arrayContaining([
          { ...common, judged: 3, overridden: 2 },
          { ...common, value: 'email', judged: 1, overridden: 0 },
          { ...common, revision: 'next', judged: 1, overridden: 0 },
          { ...common, target: 'priority', value: 'High', judged: 1, overridden: 1 },
        ]),
      );
    });

    test('leave out what nobody judged, what was not written, and what was judged before', async () => {
      await judged({}, { ...OVERRIDDEN, how: 'suggested' }, { ...OVERRIDDEN, how: 'shadowed' });
      await judged({ ...OVERRIDDEN, how: 'control' }, { ...OVERRIDDEN, judgedAt: hour(7) });
      await judged({ ...CONFIRMED, judgedAt: hour(8) });
      expect(await rates(hour(8))).toMatchObject([{ judged: 1, overridden: 0 }]);
    });

    test('begin anew for a class whose brake was released, and for no other', async () => {
      const brake = brakeWith();
      await ledger.pullBrake(brake);
      await judged(OVERRIDDEN, { ...OVERRIDDEN, value: 'email' });
      expect(await rates()).toHaveLength(2);
      await ledger.releaseBrake(brake.id, 'ada');
      expect(await rates()).toMatchObject([{ value: 'email', judged: 1 }]);
      await judged({ ...CONFIRMED, judgedAt: new Date(Date.now() + 60_000).toISOString() });
      expect(await rates()).toMatchObject([
        { value: 'access', judged: 1, overridden: 0 },
        { value: 'email', judged: 1 },
      ]);
    });

    test('begin anew also where the class stood beside others', async () => {
      const brake = brakeWith({ value: 'access' });
      await ledger.pullBrake(brake);
      await judged({ ...OVERRIDDEN, value: 'access vpn' }, { ...OVERRIDDEN, value: 'email vpn' });
      await ledger.releaseBrake(brake.id, 'ada');
      expect(await rates()).toMatchObject([{ value: 'email vpn', judged: 1 }]);
    });

    test('begin anew with the last release', async () => {
      for (const brake of [brakeWith(), brakeWith()]) {
        await ledger.pullBrake(brake);
        await judged({ ...OVERRIDDEN, judgedAt: new Date(Date.now() - 1).toISOString() });
        await ledger.releaseBrake(brake.id, 'ada');
      }
      expect(await rates()).toEqual([]);
    });

    test('are not begun anew by releasing a whole target', async () => {
      const brake = brakeWith({ value: null, kind: 'field-gone' });
      await ledger.pullBrake(brake);
      await judged(OVERRIDDEN);
      await ledger.releaseBrake(brake.id, 'ada');
      expect(await rates()).toMatchObject([{ judged: 1, overridden: 1 }]);
    });
  });

  describe('what people put in place of ours', () => {
    test('is told newest first, however ours was made', async () => {
      const outcomes = (['written', 'suggested', 'shadowed', 'control'] as const).map((how, index) =>
        outcomeWith({ ...OVERRIDDEN, how, judgedAt: hour(index) }),
      );
      await ledger.recordOutcomes(outcomes);
      expect(await ledger.overridden(LONG_AGO)).toEqual(outcomes.toReversed());
      expect(await ledger.overridden(hour(2))).toHaveLength(2);
    });

    test('leaves out what was confirmed, not judged, or only cleared', async () => {
      await judged({}, CONFIRMED, { ...OVERRIDDEN, to: null });
      expect(await ledger.overridden(LONG_AGO)).toEqual([]);
    });

    test('is no more than ten thousand', async () => {
      await judged(...Array.from({ length: 10_001 }, (_, index) => ({ ...OVERRIDDEN, decisionId: `d${index}` })));
      expect(await ledger.overridden(LONG_AGO)).toHaveLength(10_000);
    });
  });

  describe('how finished tickets fared', () => {
    test('is told for us and for the control group, with the median of what is known', async () => {
      await judged(
        { ...FINISHED, ...CONFIRMED, settledAfterMs: 10 },
        { ...FINISHED, ...OVERRIDDEN, settledAfterMs: 40, how: 'suggested' },
        { ...FINISHED, ...CONFIRMED, settledAfterMs: 30, how: 'shadowed' },
        { ...FINISHED, settledAfterMs: 20 },
        { ...FINISHED, settledAfterMs: null },
        { ...CONFIRMED, isFinished: false, settledAfterMs: 1 },
        { ...FINISHED, ...OVERRIDDEN, how: 'control', settledAfterMs: 99 },
        { ...FINISHED, target: 'priority' },
      );
      const found = await ledger.groupQuality(LONG_AGO);
      const common = { target: 'category' };
      expect(found).toHaveLength(3);
      expect(found).toEqual(
        expect.arrayContaining([
          { ...common, group: 'control', tickets: 1, judged: 1, right: 0, medianSettledMs: 99 },
          { ...common, group: 'treated', tickets: 5, judged: 3, right: 2, medianSettledMs: 20 },
          { target: 'priority', group: 'treated', tickets: 1, judged: 0, right: 0, medianSettledMs: null },
        ]),
      );
    });

    test('counts a ticket that was decided twice once, as it was judged last', async () => {
      const common = { ...FINISHED, issueId: '7' };
      await judged({ ...common, ...OVERRIDDEN, judgedAt: hour(9) }, { ...common, ...CONFIRMED, judgedAt: hour(10) });
      expect(await ledger.groupQuality(LONG_AGO)).toMatchObject([{ tickets: 1, judged: 1, right: 1 }]);
    });

    test('looks at what was judged since then', async () => {
      await judged({ ...FINISHED, judgedAt: hour(7) });
      expect(await ledger.groupQuality(hour(8))).toEqual([]);
      expect(await ledger.groupQuality(hour(7))).toHaveLength(1);
    });
  });
});
