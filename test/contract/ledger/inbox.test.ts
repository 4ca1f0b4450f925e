import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { decisionWith, deliveryWith } from '../../support/fixtures.ts';
import { books, ended, FAILED, IGNORED, receiveOne, TRIAGED } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

describe.each(books)('deliveries in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  describe('receiving', () => {
    test('a delivery nobody has seen is new, under its first attempt', async () => {
      expect(await receiveOne(ledger, deliveryWith())).toMatchObject({ status: 'new', attempt: 1 });
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
    });

    test('the same delivery is there again while it is open', async () => {
      const delivery = deliveryWith();
      const { id } = await receiveOne(ledger, delivery);
      expect(await receiveOne(ledger, delivery)).toEqual({ id, status: 'again', attempt: 1 });
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
    });

    test.each([
      ['triaged', TRIAGED],
      ['learned', { state: 'learned' }],
      ['forgotten', { state: 'forgotten' }],
    ] as const)('a delivery that was %s is done', async (_state, end) => {
      const delivery = deliveryWith();
      const { id } = await ended(ledger, delivery, end);
      expect(await receiveOne(ledger, delivery)).toEqual({ id, status: 'done', attempt: 1 });
    });

    test('a delivery with nothing to do is ignored, now and later, with its reason', async () => {
      const delivery = deliveryWith({ issueKey: 'HR-1', plan: IGNORED });
      const first = await receiveOne(ledger, delivery);
      expect(first).toMatchObject({ status: 'ignored', attempt: 1 });
      expect(await receiveOne(ledger, delivery)).toEqual(first);
      const { deliveries } = await ledger.story('HR-1');
      expect(deliveries).toMatchObject([{ state: 'ignored', reason: IGNORED.reason }]);
    });

    test('a delivery that a worker found to be none of our business stays ignored', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(ledger, delivery, { state: 'ignored', reason: 'gone' });
      expect(await receiveOne(ledger, delivery)).toEqual({ id, status: 'ignored', attempt: 1 });
    });

    test('a failed delivery runs again under the next attempt, every time it fails', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(ledger, delivery, FAILED);
      expect(await receiveOne(ledger, delivery)).toEqual({ id, status: 'again', attempt: 2 });
      await ledger.settle(id, 2, FAILED);
      expect(await receiveOne(ledger, delivery)).toEqual({ id, status: 'again', attempt: 3 });
    });

    test('the same identifier with other content is the same delivery', async () => {
      const delivery = deliveryWith();
      const { id } = await receiveOne(ledger, delivery);
      expect(await receiveOne(ledger, { ...delivery, contentHash: randomUUID() })).toEqual({
        id,
        status: 'again',
        attempt: 1,
      });
    });

    test('the same signed content under a new identifier is the same delivery', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(ledger, delivery, TRIAGED);
      expect(await receiveOne(ledger, { ...delivery, identifier: randomUUID() })).toEqual({
        id,
        status: 'done',
        attempt: 1,
      });
      expect(await receiveOne(ledger, { ...delivery, identifier: null })).toEqual({ id, status: 'done', attempt: 1 });
    });

    test('deliveries without an identifier are told apart by their content', async () => {
      const [one, other] = await ledger.receive([
        deliveryWith({ identifier: null }),
        deliveryWith({ identifier: null }),
      ]);
      expect([one?.status, other?.status]).toEqual(['new', 'new']);
      expect(one?.id).not.toBe(other?.id);
    });

    test('two sites may use the same identifier and send the same content', async () => {
      const delivery = deliveryWith();
      await receiveOne(ledger, delivery);
      expect(await receiveOne(ledger, { ...delivery, site: 'other.atlassian.net' })).toMatchObject({ status: 'new' });
    });

    test('nothing received is nothing answered', async () => {
      expect(await ledger.receive([])).toEqual([]);
    });

    test('a delivery twice in one batch is stored once', async () => {
      const delivery = deliveryWith();
      const [first, second, third] = await ledger.receive([delivery, deliveryWith(), delivery]);
      expect([first?.status, second?.status, third?.status]).toEqual(['new', 'new', 'again']);
      expect(third?.id).toBe(first?.id);
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 2 });
    });

    test('a failed delivery twice in one batch is one new attempt', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(ledger, delivery, FAILED);
      expect(await ledger.receive([delivery, delivery])).toEqual([
        { id, status: 'again', attempt: 2 },
        { id, status: 'again', attempt: 2 },
      ]);
    });

    test('a mixed batch is answered in its own order', async () => {
      const done = deliveryWith();
      const failed = deliveryWith();
      const open = deliveryWith();
      const fresh = deliveryWith();
      const idle = deliveryWith({ plan: IGNORED });
      const known = {
        done: await ended(ledger, done, TRIAGED),
        failed: await ended(ledger, failed, FAILED),
        open: await receiveOne(ledger, open),
      };
      const receipts = await ledger.receive([fresh, done, idle, failed, open]);
      expect(receipts.map(({ status }) => status)).toEqual(['new', 'done', 'ignored', 'again', 'again']);
      expect(receipts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2, 1]);
      expect([receipts[1]?.id, receipts[3]?.id, receipts[4]?.id]).toEqual([
        known.done.id,
        known.failed.id,
        known.open.id,
      ]);
    });

    test('twenty copies at the same time are one delivery', async () => {
      const delivery = deliveryWith();
      const receipts = (await Promise.all(Array.from({ length: 20 }, () => ledger.receive([delivery])))).flat();
      expect(new Set(receipts.map(({ id }) => id)).size).toBe(1);
      expect(receipts.filter(({ status }) => status === 'new')).toHaveLength(1);
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
    });

    test('two batches that overlap the other way round at the same time are all received', async () => {
      for (let round = 0; round < 20; round += 1) {
        const pair = [deliveryWith(), deliveryWith()];
        const answers = await Promise.all([ledger.receive(pair), ledger.receive(pair.toReversed())]);
        const ids = answers.flat().map(({ id }) => id);
        expect(new Set(ids).size).toBe(2);
      }
    });
  });

  describe('settling', () => {
    test('the first end of an attempt stands', async () => {
      const delivery = deliveryWith({ issueKey: 'IT-7' });
      const { id } = await ended(ledger, delivery, TRIAGED);
      await ledger.settle(id, 1, FAILED);
      expect((await ledger.story('IT-7')).deliveries).toMatchObject([{ state: 'triaged', reason: null }]);
    });

    test('of two ends in one moment the first stands', async () => {
      const { id } = await receiveOne(ledger, deliveryWith({ issueKey: 'IT-7' }));
      await Promise.all([ledger.settle(id, 1, TRIAGED), ledger.settle(id, 1, FAILED)]);
      expect((await ledger.story('IT-7')).deliveries).toMatchObject([{ state: 'triaged', reason: null }]);
    });

    test('the end of an earlier attempt does not end the next one', async () => {
      const delivery = deliveryWith({ issueKey: 'IT-7' });
      const { id } = await ended(ledger, delivery, FAILED);
      await receiveOne(ledger, delivery);
      await ledger.settle(id, 1, TRIAGED);
      expect((await ledger.story('IT-7')).deliveries).toMatchObject([
        { state: 'accepted', attempt: 2, settledAt: null },
      ]);
    });

    test('an unknown delivery is no trouble', async () => {
      await ledger.settle('never-seen', 1, TRIAGED);
      expect(await ledger.deliveryCounts()).toEqual({});
    });
  });

  describe('open deliveries', () => {
    test('are those accepted and not ended, oldest first, with what they ask for', async () => {
      const first = await receiveOne(
        ledger,
        deliveryWith({ issueId: '1', plan: { kind: 'do', intent: 'triage', isForced: true, overridesHumans: true } }),
      );
      const second = await receiveOne(
        ledger,
        deliveryWith({ issueId: '2', plan: { kind: 'do', intent: 'forget', isForced: false } }),
      );
      await ended(ledger, deliveryWith(), TRIAGED);
      await ended(ledger, deliveryWith(), FAILED);
      await receiveOne(ledger, deliveryWith({ plan: IGNORED }));
      const common = { attempt: 1, decisionId: null };
      expect(await ledger.openDeliveries(0, 10)).toEqual([
        { id: first.id, issueId: '1', intent: 'triage', isForced: true, overridesHumans: true, ...common },
        { id: second.id, issueId: '2', intent: 'forget', isForced: false, overridesHumans: false, ...common },
      ]);
    });

    test('still ask for what they asked for when they run again', async () => {
      const delivery = deliveryWith({ plan: { kind: 'do', intent: 'triage', isForced: true, overridesHumans: true } });
      await ended(ledger, delivery, FAILED);
      await receiveOne(ledger, { ...delivery, plan: { kind: 'do', intent: 'triage', isForced: true } });
      expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ attempt: 2, overridesHumans: true }]);
    });

    test('tell the decision of this attempt, not of an earlier one', async () => {
      const delivery = deliveryWith();
      const { id } = await receiveOne(ledger, delivery);
      await ledger.recordDecision(decisionWith({ id: `${id}-1`, deliveryId: id }));
      expect((await ledger.openDeliveries(0, 10))[0]?.decisionId).toBe(`${id}-1`);
      await ledger.settle(id, 1, FAILED);
      await receiveOne(ledger, delivery);
      expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ id, attempt: 2, decisionId: null }]);
    });

    test('tell the newest decision of this attempt, however many rounds it took', async () => {
      const { id } = await receiveOne(ledger, deliveryWith());
      const rounds = ['', '.1', '.2', '.9', '.10'].map((round) => `${id}-1${round}`);
      for (const round of rounds) await ledger.recordDecision(decisionWith({ id: round, deliveryId: id }));
      await ledger.recordDecision(decisionWith({ id: `${id}-12`, deliveryId: id }));
      expect((await ledger.openDeliveries(0, 10))[0]?.decisionId).toBe(`${id}-1.10`);
    });

    test('leave out the young ones and no more than asked for', async () => {
      await ledger.receive([deliveryWith(), deliveryWith(), deliveryWith()]);
      expect(await ledger.openDeliveries(60_000, 10)).toEqual([]);
      expect(await ledger.openDeliveries(0, 2)).toHaveLength(2);
    });

    test('given a grace, those are left out whose decision still waits, and those are not that wait for a decision', async () => {
      const minutesAgo = (minutes: number) => ({ decidedAt: new Date(Date.now() - minutes * 60_000).toISOString() });
      const [waiting, overdue, undecided] = await ledger.receive([deliveryWith(), deliveryWith(), deliveryWith()]);
      await ledger.recordDecision(decisionWith({ deliveryId: waiting?.id ?? '', ...minutesAgo(4) }));
      await ledger.recordDecision(decisionWith({ deliveryId: overdue?.id ?? '', ...minutesAgo(6) }));
      const open = async (graceMs: number) => (await ledger.openDeliveries(0, 10, graceMs)).map(({ id }) => id);
      expect(new Set(await open(5 * 60_000))).toEqual(new Set([overdue?.id, undecided?.id]));
      expect(await open(0)).toHaveLength(3);
    });
  });
});
