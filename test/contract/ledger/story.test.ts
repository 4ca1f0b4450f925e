import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { decisionWith, deliveryWith, writeWith } from '../../support/fixtures.ts';
import { brakeWith, outcomeWith } from '../../support/outcomes.ts';
import { books, ended, FAILED, IGNORED, receiveOne, TRIAGED } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

describe.each(books)('the story of an issue in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  describe('the story of an issue', () => {
    test('is everything about it, and nothing about others', async () => {
      const receipt = await ended(
        ledger,
        deliveryWith({ issueId: '10001', issueKey: 'IT-10001', door: 'automation' }),
        FAILED,
      );
      const decision = decisionWith({ id: `${receipt.id}-1`, deliveryId: receipt.id });
      await ledger.recordDecision(decision);
      await ledger.recordWrite(writeWith({ decisionId: decision.id }));
      await receiveOne(ledger, deliveryWith({ issueId: '20001' }));
      const story = await ledger.story('IT-10001');
      expect(story.deliveries).toMatchObject([
        {
          id: receipt.id,
          door: 'automation',
          event: 'jira:issue_created',
          state: 'failed',
          reason: 'Jira was away',
          attempt: 1,
        },
      ]);
      expect(story.decisions).toEqual([decision]);
      expect(story.writes).toMatchObject([{ decisionId: decision.id, state: 'applied' }]);
      expect(Date.parse(story.deliveries[0]?.settledAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(story.deliveries[0]?.receivedAt ?? ''),
      );
    });

    test('has what people made of it, oldest first', async () => {
      const [first, second] = [
        outcomeWith({ target: 'priority', judgedAt: '2026-05-01T09:00:00.000Z' }),
        outcomeWith({ target: 'category', judgedAt: '2026-05-01T10:00:00.000Z' }),
      ];
      await ledger.recordOutcomes([second, first, outcomeWith({ issueId: '2', issueKey: 'IT-2' })]);
      expect((await ledger.story('IT-10001')).outcomes).toEqual([first, second]);
    });

    test('is told by every key it had, with what was taken back under the newest', async () => {
      const decision = decisionWith();
      await ledger.recordDecision(decision);
      await ledger.recordOutcomes([outcomeWith({ decisionId: decision.id, issueKey: 'OPS-3' })]);
      await ledger.recordWrite(writeWith({ decisionId: decision.id }));
      const undo = writeWith({ decisionId: `undo-${decision.id}`, undoes: decision.id, issueKey: 'OPS-3' });
      await ledger.recordWrite(undo);
      for (const key of ['IT-10001', 'OPS-3']) {
        const { decisions, writes, outcomes } = await ledger.story(key);
        expect(decisions).toEqual([decision]);
        expect(writes.map(({ decisionId }) => decisionId)).toEqual([decision.id, undo.decisionId]);
        expect(outcomes).toHaveLength(1);
      }
    });

    test('of an unknown issue is empty', async () => {
      expect(await ledger.story('IT-404')).toEqual({ deliveries: [], decisions: [], writes: [], outcomes: [] });
    });
  });

  describe('cursors', () => {
    test('keep their last value until they are cleared', async () => {
      expect(await ledger.cursor('backfill')).toBeNull();
      await ledger.setCursor('backfill', 'page-1');
      await ledger.setCursor('backfill', 'page-2');
      await ledger.setCursor('sweep', 'other');
      expect(await ledger.cursor('backfill')).toBe('page-2');
      await ledger.setCursor('backfill', null);
      await ledger.setCursor('backfill', null);
      expect([await ledger.cursor('backfill'), await ledger.cursor('sweep')]).toEqual([null, 'other']);
    });
  });

  describe('trimming', () => {
    test('drops what ended and keeps what is open', async () => {
      const open = await receiveOne(ledger, deliveryWith());
      await ended(ledger, deliveryWith(), TRIAGED);
      await receiveOne(ledger, deliveryWith({ plan: IGNORED }));
      const written = decisionWith({ issueKey: 'IT-1' });
      const planned = decisionWith({ issueKey: 'IT-1' });
      await ledger.recordDecision(written);
      await ledger.recordDecision(planned);
      await ledger.recordWrite(writeWith({ decisionId: written.id, issueKey: 'IT-1', state: 'applied' }));
      await ledger.recordWrite(writeWith({ decisionId: planned.id, issueKey: 'IT-1', state: 'planned' }));
      expect(await ledger.trim(0)).toBe(4);
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
      expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ id: open.id }]);
      const story = await ledger.story('IT-1');
      expect(story.decisions.map(({ id }) => id)).toEqual([planned.id]);
      expect(story.writes.map(({ decisionId }) => decisionId)).toEqual([planned.id]);
    });

    test('drops outcomes with their decisions, and no earlier', async () => {
      const [old, young] = [decisionWith(), decisionWith({ decidedAt: new Date().toISOString() })];
      for (const { id: decisionId } of [old, young]) {
        await ledger.recordDecision(decisionWith(decisionId === old.id ? old : young));
        await ledger.recordOutcomes([outcomeWith({ decisionId })]);
      }
      expect(await ledger.trim(1)).toBe(2);
      expect((await ledger.story('IT-10001')).outcomes.map(({ decisionId }) => decisionId)).toEqual([young.id]);
    });

    test('never leaves a decision behind as if it had not been written', async () => {
      const written = decisionWith({ decidedAt: new Date().toISOString() });
      await ledger.recordDecision(written);
      await ledger.recordWrite(writeWith({ decisionId: written.id, state: 'refused' }));
      const late = decisionWith({ issueId: '2' });
      await ledger.recordDecision(late);
      await ledger.recordWrite(writeWith({ decisionId: late.id, issueId: '2' }));
      expect(await ledger.trim(1)).toBe(0);
      expect(await ledger.lastWord('10001')).toBeNull();
      expect((await ledger.lastWord('2'))?.write).toMatchObject({ state: 'applied' });
      await ledger.trim(0);
      expect([await ledger.lastWord('10001'), await ledger.lastWord('2')]).toEqual([null, null]);
    });

    test('drops undos by their own age', async () => {
      await ledger.recordWrite(writeWith({ decisionId: 'undo-gone', undoes: 'gone' }));
      expect(await ledger.trim(1)).toBe(0);
      expect(await ledger.trim(0)).toBe(1);
      expect(await ledger.write('undo-gone')).toBeNull();
    });

    test('keeps brakes that are on and drops those that were released', async () => {
      const [on, off] = [brakeWith({ value: 'access' }), brakeWith({ value: 'email' })];
      await ledger.pullBrake(on);
      await ledger.pullBrake(off);
      await ledger.releaseBrake(off.id, 'ada');
      expect(await ledger.trim(1)).toBe(0);
      expect(await ledger.trim(0)).toBe(1);
      expect(await ledger.brakes()).toEqual([on]);
    });

    test('keeps audits twice as long', async () => {
      const days = (count: number) => new Date(Date.now() - count * 24 * 3600 * 1000).toISOString();
      for (const count of [15, 25]) await ledger.audit({ at: days(count), actor: 'ada', action: 'undo', detail: '' });
      expect(await ledger.trim(10)).toBe(1);
      expect((await ledger.audits(10)).length).toBe(1);
    });

    test('forgets whose turn it was long ago', async () => {
      const turn = { team: 'desk', candidates: ['ada', 'bo'] };
      expect(await ledger.nextTurn({ ...turn, key: 'a' })).toBe('ada');
      expect(await ledger.trim(1)).toBe(0);
      expect(await ledger.nextTurn({ ...turn, key: null })).toBe('bo');
      await ledger.trim(0);
      expect(await ledger.nextTurn({ ...turn, key: null })).toBe('ada');
    });

    test('keeps what is younger than asked for', async () => {
      await ended(ledger, deliveryWith(), TRIAGED);
      const decision = decisionWith({ decidedAt: new Date().toISOString() });
      await ledger.recordDecision(decision);
      await ledger.recordWrite(writeWith({ decisionId: decision.id }));
      expect(await ledger.trim(1)).toBe(0);
      expect(await ledger.decision(decision.id)).toEqual(decision);
    });
  });

  test('answers when asked whether it is there', async () => {
    await expect(ledger.ping()).resolves.toBeUndefined();
  });
});
