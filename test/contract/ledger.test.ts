import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresLedger } from '../../src/adapters/postgres/ledger.ts';
import type { Delivery, DeliveryEnd, Receipt } from '../../src/domain/delivery.ts';
import { TransientError } from '../../src/domain/errors.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { ledgerFake } from '../fakes/ledger.ts';
import { abstains, decisionWith, deliveryWith, evidenceWith, says, writeWith } from '../support/fixtures.ts';
import { databases, openMigrated, type TestDatabase } from './support/databases.ts';

interface Book extends AsyncDisposable {
  /** An empty ledger. */
  fresh(): Promise<Ledger>;
}

const books = [
  {
    name: 'the fake',
    open: async (): Promise<Book> => ({ fresh: async () => ledgerFake(), [Symbol.asyncDispose]: async () => {} }),
  },
  ...databases.map(({ name, open }) => ({ name, open: async () => databaseBook(await openMigrated(open)) })),
];

function databaseBook(database: TestDatabase): Book {
  return {
    fresh: async () => {
      await database.sql.script('truncate triage.deliveries, triage.decisions, triage.writes, triage.cursors');
      return postgresLedger(database.sql);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

const TRIAGED: DeliveryEnd = { state: 'triaged' };
const FAILED: DeliveryEnd = { state: 'failed', reason: 'Jira was away' };
const IGNORED = { kind: 'ignore', reason: 'project HR is not in the playbook' } as const;

describe.each(books)('ledger in $name', ({ open }) => {
  let book: Book;
  let ledger: Ledger;

  beforeAll(async () => {
    book = await open();
  });
  beforeEach(async () => {
    ledger = await book.fresh();
  });
  afterAll(() => book[Symbol.asyncDispose]());

  async function receiveOne(delivery: Delivery): Promise<Receipt> {
    const [receipt] = await ledger.receive([delivery]);
    if (!receipt) throw new Error('no receipt');
    return receipt;
  }

  /** A delivery that ended, and its receipt. */
  async function ended(delivery: Delivery, end: DeliveryEnd): Promise<Receipt> {
    const receipt = await receiveOne(delivery);
    await ledger.settle(receipt.id, receipt.attempt, end);
    return receipt;
  }

  describe('receiving', () => {
    test('a delivery nobody has seen is new, under its first attempt', async () => {
      expect(await receiveOne(deliveryWith())).toMatchObject({ status: 'new', attempt: 1 });
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
    });

    test('the same delivery is there again while it is open', async () => {
      const delivery = deliveryWith();
      const { id } = await receiveOne(delivery);
      expect(await receiveOne(delivery)).toEqual({ id, status: 'again', attempt: 1 });
      expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
    });

    test.each([
      ['triaged', TRIAGED],
      ['learned', { state: 'learned' }],
      ['forgotten', { state: 'forgotten' }],
    ] as const)('a delivery that was %s is done', async (_state, end) => {
      const delivery = deliveryWith();
      const { id } = await ended(delivery, end);
      expect(await receiveOne(delivery)).toEqual({ id, status: 'done', attempt: 1 });
    });

    test('a delivery with nothing to do is ignored, now and later, with its reason', async () => {
      const delivery = deliveryWith({ issueKey: 'HR-1', plan: IGNORED });
      const first = await receiveOne(delivery);
      expect(first).toMatchObject({ status: 'ignored', attempt: 1 });
      expect(await receiveOne(delivery)).toEqual(first);
      const { deliveries } = await ledger.story('HR-1');
      expect(deliveries).toMatchObject([{ state: 'ignored', reason: IGNORED.reason }]);
    });

    test('a delivery that a worker found to be none of our business stays ignored', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(delivery, { state: 'ignored', reason: 'gone' });
      expect(await receiveOne(delivery)).toEqual({ id, status: 'ignored', attempt: 1 });
    });

    test('a failed delivery runs again under the next attempt, every time it fails', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(delivery, FAILED);
      expect(await receiveOne(delivery)).toEqual({ id, status: 'again', attempt: 2 });
      await ledger.settle(id, 2, FAILED);
      expect(await receiveOne(delivery)).toEqual({ id, status: 'again', attempt: 3 });
    });

    test('the same identifier with other content is the same delivery', async () => {
      const delivery = deliveryWith();
      const { id } = await receiveOne(delivery);
      expect(await receiveOne({ ...delivery, contentHash: randomUUID() })).toEqual({ id, status: 'again', attempt: 1 });
    });

    test('the same signed content under a new identifier is the same delivery', async () => {
      const delivery = deliveryWith();
      const { id } = await ended(delivery, TRIAGED);
      expect(await receiveOne({ ...delivery, identifier: randomUUID() })).toEqual({ id, status: 'done', attempt: 1 });
      expect(await receiveOne({ ...delivery, identifier: null })).toEqual({ id, status: 'done', attempt: 1 });
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
      await receiveOne(delivery);
      expect(await receiveOne({ ...delivery, site: 'other.atlassian.net' })).toMatchObject({ status: 'new' });
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
      const { id } = await ended(delivery, FAILED);
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
        done: await ended(done, TRIAGED),
        failed: await ended(failed, FAILED),
        open: await receiveOne(open),
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
      const { id } = await ended(delivery, TRIAGED);
      await ledger.settle(id, 1, FAILED);
      expect((await ledger.story('IT-7')).deliveries).toMatchObject([{ state: 'triaged', reason: null }]);
    });

    test('the end of an earlier attempt does not end the next one', async () => {
      const delivery = deliveryWith({ issueKey: 'IT-7' });
      const { id } = await ended(delivery, FAILED);
      await receiveOne(delivery);
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
        deliveryWith({ issueId: '1', plan: { kind: 'do', intent: 'triage', isForced: true } }),
      );
      const second = await receiveOne(
        deliveryWith({ issueId: '2', plan: { kind: 'do', intent: 'forget', isForced: false } }),
      );
      await ended(deliveryWith(), TRIAGED);
      await ended(deliveryWith(), FAILED);
      await receiveOne(deliveryWith({ plan: IGNORED }));
      const common = { attempt: 1, decisionId: null };
      expect(await ledger.openDeliveries(0, 10)).toEqual([
        { id: first.id, issueId: '1', intent: 'triage', isForced: true, ...common },
        { id: second.id, issueId: '2', intent: 'forget', isForced: false, ...common },
      ]);
    });

    test('tell the decision of this attempt, not of an earlier one', async () => {
      const delivery = deliveryWith();
      const { id } = await receiveOne(delivery);
      await ledger.recordDecision(decisionWith({ id: `${id}-1`, deliveryId: id }));
      expect((await ledger.openDeliveries(0, 10))[0]?.decisionId).toBe(`${id}-1`);
      await ledger.settle(id, 1, FAILED);
      await receiveOne(delivery);
      expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ id, attempt: 2, decisionId: null }]);
    });

    test('leave out the young ones and no more than asked for', async () => {
      await ledger.receive([deliveryWith(), deliveryWith(), deliveryWith()]);
      expect(await ledger.openDeliveries(60_000, 10)).toEqual([]);
      expect(await ledger.openDeliveries(0, 2)).toHaveLength(2);
    });
  });

  describe('decisions', () => {
    test('come back whole', async () => {
      const decision = decisionWith({
        verdicts: { category: says('Größe "groß" 🖨️', 0.875), priority: abstains('thin-data') },
        evidence: [evidenceWith({ values: { category: 'access' } })],
        routing: { team: 'Desk', assignee: 'ada', policy: 'past-resolver', passedOver: [{ accountId: 'b', why: 'c' }] },
      });
      await ledger.recordDecision(decision);
      expect(await ledger.decision(decision.id)).toEqual(decision);
      expect(await ledger.decision('never-made')).toBeNull();
    });

    test('the first one of an attempt stands', async () => {
      const first = decisionWith({ values: { category: 'access' } });
      const second = { ...first, verdicts: { category: says('email') } };
      expect(await ledger.recordDecision(first)).toEqual(first);
      expect(await ledger.recordDecision(second)).toEqual(first);
      expect(await ledger.decision(first.id)).toEqual(first);
    });
  });

  describe('the same decision', () => {
    const input = { issueId: '10001', revision: 'test-revision', inputHash: 'input' };

    async function decidedOnce(): Promise<Receipt> {
      const receipt = await receiveOne(deliveryWith({ issueId: '10001' }));
      await ledger.recordDecision(decisionWith({ id: `${receipt.id}-1`, deliveryId: receipt.id }));
      return receipt;
    }

    test('is found for another delivery, open or ended', async () => {
      const { id } = await decidedOnce();
      expect(await ledger.sameDecision({ ...input, exceptDelivery: 'other' })).toBe(`${id}-1`);
      await ledger.settle(id, 1, TRIAGED);
      expect(await ledger.sameDecision({ ...input, exceptDelivery: 'other' })).toBe(`${id}-1`);
    });

    test('is not that of the delivery itself', async () => {
      const { id } = await decidedOnce();
      expect(await ledger.sameDecision({ ...input, exceptDelivery: id })).toBeNull();
    });

    test('is not that of a delivery that failed', async () => {
      const { id } = await decidedOnce();
      await ledger.settle(id, 1, FAILED);
      expect(await ledger.sameDecision({ ...input, exceptDelivery: 'other' })).toBeNull();
    });

    test.each([
      ['issue', { issueId: '10002' }],
      ['revision', { revision: 'next' }],
      ['input', { inputHash: 'edited' }],
    ])('is not one about another %s', async (_what, other) => {
      await decidedOnce();
      expect(await ledger.sameDecision({ ...input, ...other, exceptDelivery: 'other' })).toBeNull();
    });
  });

  describe('writes', () => {
    test('come back whole and are replaced by their next state', async () => {
      const planned = writeWith({
        state: 'planned',
        changes: { category: { before: null, after: 'access' } },
        heldBack: { priority: 'human-set' },
      });
      await ledger.recordWrite(planned);
      expect(await ledger.write(planned.decisionId)).toMatchObject(planned);
      await ledger.recordWrite({ ...planned, state: 'refused', reason: '400: labels' });
      expect(await ledger.write(planned.decisionId)).toMatchObject({ state: 'refused', reason: '400: labels' });
      expect(await ledger.write('never-written')).toBeNull();
    });

    test('a finished write is never overwritten, and is told to whoever tries', async () => {
      const applied = writeWith({ state: 'applied' });
      await ledger.recordWrite({ ...applied, state: 'planned' });
      await ledger.recordWrite(applied);
      expect(await ledger.recordWrite({ ...applied, state: 'planned' })).toMatchObject({ state: 'applied' });
      expect(await ledger.write(applied.decisionId)).toMatchObject({ state: 'applied' });
    });

    test('only one decision at a time may be writing to an issue', async () => {
      const first = writeWith({ state: 'planned' });
      const second = writeWith({ state: 'planned' });
      await ledger.recordWrite(first);
      await expect(ledger.recordWrite(second)).rejects.toThrow(TransientError);
      expect(await ledger.write(second.decisionId)).toBeNull();
      await ledger.recordWrite({ ...first, state: 'applied' });
      await ledger.recordWrite(second);
      expect(await ledger.write(second.decisionId)).toMatchObject({ state: 'planned' });
    });

    test('the same decision may plan again', async () => {
      const planned = writeWith({ state: 'planned' });
      await ledger.recordWrite(planned);
      await ledger.recordWrite({ ...planned, heldBack: { priority: 'same' } });
      expect(await ledger.write(planned.decisionId)).toMatchObject({ heldBack: { priority: 'same' } });
    });

    test('finished writes and writes to other issues do not wait', async () => {
      await ledger.recordWrite(writeWith({ state: 'planned' }));
      await ledger.recordWrite(writeWith({ state: 'unchanged' }));
      await ledger.recordWrite(writeWith({ state: 'planned', issueId: '10002', issueKey: 'IT-10002' }));
      expect((await ledger.story('IT-10001')).writes.map(({ state }) => state).toSorted()).toEqual([
        'planned',
        'unchanged',
      ]);
      expect((await ledger.story('IT-10002')).writes.map(({ state }) => state)).toEqual(['planned']);
    });

    test('of ten decisions that plan at the same moment, one goes on', async () => {
      const plans = Array.from({ length: 10 }, () => writeWith({ state: 'planned' }));
      const results = await Promise.allSettled(plans.map((plan) => ledger.recordWrite(plan)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(TransientError);
    });
  });

  describe('the story of an issue', () => {
    test('is everything about it, and nothing about others', async () => {
      const receipt = await ended(deliveryWith({ issueId: '10001', issueKey: 'IT-10001', door: 'automation' }), FAILED);
      const decision = decisionWith({ id: `${receipt.id}-1`, deliveryId: receipt.id });
      await ledger.recordDecision(decision);
      await ledger.recordWrite(writeWith({ decisionId: decision.id }));
      await receiveOne(deliveryWith());
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

    test('of an unknown issue is empty', async () => {
      expect(await ledger.story('IT-404')).toEqual({ deliveries: [], decisions: [], writes: [] });
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
      const open = await receiveOne(deliveryWith());
      await ended(deliveryWith(), TRIAGED);
      await receiveOne(deliveryWith({ plan: IGNORED }));
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

    test('keeps what is younger than asked for', async () => {
      await ended(deliveryWith(), TRIAGED);
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
