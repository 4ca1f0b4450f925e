import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/decision/delivery.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { decisionWith, deliveryWith, freshId, writeWith } from '../../support/fixtures.ts';
import { books, ended, FAILED, IGNORED, receiveOne, TRIAGED } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

const HOUR_MS = 3_600_000;
const LEARN = { kind: 'do', intent: 'learn', isForced: false } as const;
const TRIAGE = { kind: 'do', intent: 'triage', isForced: false } as const;
const UNKNOWN = { isTold: false, heardAgoMs: null, wroteAgoMs: null };

describe.each(books)('what a sweep asks of $name', ({ open }) => {
  let ledger: Ledger;
  let other: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
    other = book.replica();
  });

  const NO_DECISION = { issueId: '', revision: '', inputHash: '' };
  const toldBefore = async (deliveryId: string, by = ledger) =>
    (await by.precedents({ deliveryId, ...NO_DECISION })).delivery;
  const known = async (id: string) => (await ledger.knownIssues([id])).get(id);

  describe('what is known of an issue', () => {
    test('is nothing at first, for each that is asked for', async () => {
      expect(await ledger.knownIssues([])).toEqual(new Map());
      expect(await ledger.knownIssues(['1', '2'])).toEqual(
        new Map([
          ['1', UNKNOWN],
          ['2', UNKNOWN],
        ]),
      );
    });

    test.each<[string, Partial<Delivery>]>([
      ['a webhook', {}],
      ['a webhook that was ignored', { plan: IGNORED }],
      ['Automation', { door: 'automation', event: 'automation' }],
      ['a person', { door: 'admin', event: 'reclassify', plan: { ...TRIAGE, isForced: true } }],
      ['an earlier sweep', { door: 'sweep' }],
    ])('is that %s told of it', async (_who, parts) => {
      await receiveOne(ledger, deliveryWith({ issueId: '1', ...parts }));
      expect(await other.knownIssues(['1', '2'])).toMatchObject(
        new Map([
          ['1', { ...UNKNOWN, isTold: true }],
          ['2', UNKNOWN],
        ]),
      );
    });

    test('is that it was told of, also when that failed: it rests as a dead letter', async () => {
      await ended(ledger, deliveryWith({ issueId: '1' }), FAILED);
      expect(await known('1')).toMatchObject({ isTold: true });
    });

    test('is that it was decided on, also when it was asked for by its key', async () => {
      await ledger.recordDecision(decisionWith({ issueId: '1' }));
      expect(await known('1')).toMatchObject({ isTold: true });
    });

    test('is not that it was told of when it was only changed', async () => {
      await receiveOne(ledger, deliveryWith({ issueId: '1', event: 'jira:issue_updated', plan: IGNORED }));
      expect(await known('1')).toEqual(UNKNOWN);
    });

    test('is how long ago we last heard that it changed, and when we wrote to it', async () => {
      await receiveOne(ledger, deliveryWith({ issueId: '1', event: 'jira:issue_updated', plan: LEARN }));
      await ledger.recordWrite(writeWith({ issueId: '1' }));
      const facts = await known('1');
      expect(facts?.isTold).toBe(false);
      for (const agoMs of [facts?.heardAgoMs, facts?.wroteAgoMs]) {
        expect(agoMs).toBeGreaterThanOrEqual(0);
        expect(agoMs).toBeLessThan(60_000);
      }
    });

    test.each(['planned', 'unchanged', 'refused', 'dry-run', 'superseded'] as const)(
      'is no edit where a write is %s',
      async (state) => {
        await ledger.recordWrite(writeWith({ issueId: '1', state }));
        expect(await known('1')).toEqual(UNKNOWN);
      },
    );

    test('is told of thousands at once', async () => {
      const ids = Array.from({ length: 2_500 }, () => freshId());
      await receiveOne(ledger, deliveryWith({ issueId: ids[2_400] ?? '' }));
      const facts = await ledger.knownIssues(ids);
      expect(facts.size).toBe(2_500);
      expect([...facts].filter(([, { isTold }]) => isTold).map(([id]) => id)).toEqual([ids[2_400]]);
    });
  });

  test('the issues we edited last come newest first, each once', async () => {
    for (const issueId of ['1', '2', '3', '1']) await ledger.recordWrite(writeWith({ issueId }));
    await ledger.recordWrite(writeWith({ issueId: '4', state: 'refused' }));
    expect((await ledger.lastWritten(4)).toSorted()).toEqual(['1', '2', '3']);
    expect(await ledger.lastWritten(1)).toEqual(['1']);
    expect(await ledger.lastWritten(0)).toEqual([]);
  });

  describe('of a webhook and a sweep that told of the same new issue', () => {
    const webhook = () => receiveOne(ledger, deliveryWith({ issueId: '1' }));
    const sweep = () => receiveOne(ledger, deliveryWith({ issueId: '1', door: 'sweep' }));

    test('the one that came first is not told that it comes second, whichever it is', async () => {
      for (const [issueId, doors] of [
        ['1', ['webhook', 'sweep'] as const],
        ['2', ['sweep', 'webhook'] as const],
      ] as const) {
        const first = await receiveOne(ledger, deliveryWith({ issueId, door: doors[0] }));
        const second = await receiveOne(ledger, deliveryWith({ issueId, door: doors[1] }));
        const said = [await toldBefore(first.id), await toldBefore(second.id, other)];
        // Received within one moment, they are told apart by their ids.
        expect(said.filter((before) => before !== null)).toHaveLength(1);
      }
    });

    test('the one that is triaged is the first, however they came in', async () => {
      const [early, late] = [await webhook(), await sweep()];
      await ledger.settle(late.id, 1, TRIAGED);
      expect(await toldBefore(early.id)).toBe(late.id);
      await ledger.settle(early.id, 1, { state: 'ignored', reason: 'told before' });
      expect(await toldBefore(late.id)).toBeNull();
    });

    test('one that failed holds nobody up', async () => {
      const early = await webhook();
      await ledger.settle(early.id, 1, FAILED);
      expect(await toldBefore((await sweep()).id)).toBeNull();
    });
  });

  test.each<[string, Partial<Delivery>, Partial<Delivery>]>([
    ['two webhooks', {}, {}],
    ['a webhook and Automation', {}, { door: 'automation', event: 'automation' }],
    ['a sweep and what a person asked for afterwards', { door: 'sweep' }, { door: 'admin', event: 'reclassify' }],
    ['a sweep that is to learn and a webhook', { door: 'sweep', event: 'jira:issue_updated', plan: LEARN }, {}],
    ['issues that differ', { door: 'sweep', issueId: '2' }, {}],
  ])('%s are told apart by nothing but their decisions', async (_what, first, second) => {
    await ended(ledger, deliveryWith({ issueId: '1', ...first }), TRIAGED);
    const { id } = await receiveOne(ledger, deliveryWith({ issueId: '1', ...second }));
    expect(await toldBefore(id)).toBeNull();
    expect(await toldBefore('never-received')).toBeNull();
  });

  describe('what is overdue', () => {
    const patience = { toldMs: 0, askedMs: HOUR_MS, graceMs: 0 };

    test('is what is open for too long, by who told of it', async () => {
      for (const door of ['webhook', 'automation', 'admin', 'sweep'] as const)
        await receiveOne(ledger, deliveryWith({ door }));
      await ended(ledger, deliveryWith(), TRIAGED);
      await receiveOne(ledger, deliveryWith({ plan: IGNORED }));
      expect(await ledger.overdue(patience)).toBe(2);
      expect(await ledger.overdue({ ...patience, askedMs: 0 })).toBe(4);
      expect(await ledger.overdue({ ...patience, toldMs: HOUR_MS })).toBe(0);
    });

    test('is not what waits for its grace to pass', async () => {
      const { id } = await receiveOne(ledger, deliveryWith());
      const decidedAt = new Date(Date.now() - 60_000).toISOString();
      await ledger.recordDecision(decisionWith({ deliveryId: id, decidedAt }));
      expect(await ledger.overdue({ ...patience, graceMs: HOUR_MS })).toBe(0);
      expect(await ledger.overdue({ ...patience, graceMs: 30_000 })).toBe(1);
      expect(await ledger.overdue(patience)).toBe(1);
    });
  });
});
