import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../../src/domain/decision/delivery.ts';
import type { DecisionInput, Ledger } from '../../../src/domain/ports/ledger.ts';
import { abstains, decisionWith, deliveryWith, evidenceWith, says, writeWith } from '../../support/fixtures.ts';
import { books, FAILED, receiveOne, TRIAGED } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

describe.each(books)('decisions in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });
  const sameDecision = async (input: DecisionInput) => (await ledger.precedents(input)).decision;

  describe('decisions', () => {
    test('come back whole', async () => {
      const decision = decisionWith({
        verdicts: { category: says('Größe "groß" 🖨️', 0.875), priority: abstains('thin-data') },
        evidence: [evidenceWith({ values: { category: 'access' } })],
        routing: {
          team: 'Desk',
          assignee: 'ada',
          policy: 'past-resolver',
          passedOver: [{ accountId: 'b', why: 'c' }],
          alternates: ['bo', 'cy'],
          escalatedFrom: 'Night desk',
        },
        round: 2,
        isControl: true,
        overridesHumans: true,
        unknownWords: 0.125,
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
      const receipt = await receiveOne(ledger, deliveryWith({ issueId: '10001' }));
      await ledger.recordDecision(decisionWith({ id: `${receipt.id}-1`, deliveryId: receipt.id }));
      return receipt;
    }

    test('is found for another delivery, open or ended', async () => {
      const { id } = await decidedOnce();
      expect(await sameDecision({ ...input, deliveryId: 'other' })).toBe(`${id}-1`);
      await ledger.settle(id, 1, TRIAGED);
      expect(await sameDecision({ ...input, deliveryId: 'other' })).toBe(`${id}-1`);
    });

    test('is not that of the delivery itself', async () => {
      const { id } = await decidedOnce();
      expect(await sameDecision({ ...input, deliveryId: id })).toBeNull();
    });

    test('is not that of a delivery that failed', async () => {
      const { id } = await decidedOnce();
      await ledger.settle(id, 1, FAILED);
      expect(await sameDecision({ ...input, deliveryId: 'other' })).toBeNull();
    });

    test.each([
      ['issue', { issueId: '10002' }],
      ['revision', { revision: 'next' }],
      ['input', { inputHash: 'edited' }],
    ])('is not one about another %s', async (_what, other) => {
      await decidedOnce();
      expect(await sameDecision({ ...input, ...other, deliveryId: 'other' })).toBeNull();
    });
  });

  describe('the same decision, decided again because the ticket had changed', () => {
    test('is not one that was superseded', async () => {
      const { id } = await receiveOne(ledger, deliveryWith({ issueId: '10001' }));
      const input = { issueId: '10001', revision: 'test-revision', deliveryId: 'other' };
      await ledger.recordDecision(decisionWith({ id: `${id}-1`, deliveryId: id, inputHash: 'before' }));
      await ledger.recordWrite(writeWith({ decisionId: `${id}-1`, state: 'superseded' }));
      await ledger.recordDecision(decisionWith({ id: `${id}-1.1`, deliveryId: id, inputHash: 'after', round: 1 }));
      expect(await sameDecision({ ...input, inputHash: 'before' })).toBeNull();
      expect(await sameDecision({ ...input, inputHash: 'after' })).toBe(`${id}-1.1`);
    });
  });

  describe('the last word on an issue', () => {
    const at = (minute: number) => ({ decidedAt: new Date(Date.UTC(2026, 4, 1, 8, minute)).toISOString() });

    test('is its newest decision, with its write once there is one', async () => {
      const older = decisionWith(at(1));
      const newer = decisionWith(at(2));
      await ledger.recordDecision(newer);
      await ledger.recordDecision(older);
      await ledger.recordDecision(decisionWith({ issueId: '10002', ...at(3) }));
      expect(await ledger.lastWord('10001')).toEqual({ decision: newer, write: null });
      const write = writeWith({ decisionId: newer.id, changes: { category: { before: null, after: 'access' } } });
      await ledger.recordWrite(write);
      const stored = { ...write, undoneBy: null, at: expect.any(String) };
      expect(await ledger.lastWord('10001')).toEqual({ decision: newer, write: stored });
    });

    test('is not one that was superseded or refused', async () => {
      const [first, superseded, refused] = [decisionWith(at(1)), decisionWith(at(2)), decisionWith(at(3))];
      for (const decision of [first, superseded, refused]) await ledger.recordDecision(decision);
      await ledger.recordWrite(writeWith({ decisionId: superseded.id, state: 'superseded' }));
      await ledger.recordWrite(writeWith({ decisionId: refused.id, state: 'refused', reason: '400' }));
      expect(await ledger.lastWord('10001')).toEqual({ decision: first, write: null });
    });

    test('is the later round of one moment', async () => {
      for (const id of ['d-1.10', 'd-1', 'd-1.9', 'd-1.2']) await ledger.recordDecision(decisionWith({ id }));
      expect((await ledger.lastWord('10001'))?.decision.id).toBe('d-1.10');
    });

    test('of an issue nobody decided on is none, nor where all was refused', async () => {
      expect(await ledger.lastWord('10001')).toBeNull();
      const refused = decisionWith();
      await ledger.recordDecision(refused);
      await ledger.recordWrite(writeWith({ decisionId: refused.id, state: 'refused' }));
      expect(await ledger.lastWord('10001')).toBeNull();
    });
  });

  describe('what was decided in a time', () => {
    const decide = (hour: number, parts: Parameters<typeof decisionWith>[0]) =>
      ledger.recordDecision(decisionWith({ decidedAt: new Date(Date.UTC(2026, 4, 1, hour)).toISOString(), ...parts }));
    const FROM = '2026-05-01T08:00:00.000Z';
    const TO = '2026-05-01T10:00:00.000Z';

    test('is counted by target and value, with what would have been decided', async () => {
      const unsure = { ...abstains(), best: { value: 'email', confidence: 0.4 } };
      await decide(8, { verdicts: { category: says('access'), priority: abstains() }, unknownWords: 0.25 });
      await decide(9, { verdicts: { category: unsure, priority: says('High') }, unknownWords: 0.75 });
      await decide(9, { verdicts: { category: says('access') } });
      expect(await ledger.decided(FROM, TO)).toEqual({
        decisions: 3,
        unknownWords: 0.5,
        targets: {
          category: { decisions: 3, abstained: 1, values: { access: 2, email: 1 } },
          priority: { decisions: 2, abstained: 1, values: { High: 1 } },
        },
      });
    });

    test('begins with its first moment and ends before its last', async () => {
      await decide(7, { values: { category: 'early' } });
      await decide(8, { values: { category: 'first' } });
      await decide(10, { values: { category: 'late' } });
      expect((await ledger.decided(FROM, TO)).targets).toEqual({
        category: { decisions: 1, abstained: 0, values: { first: 1 } },
      });
    });

    test('without decisions is empty', async () => {
      expect(await ledger.decided(FROM, TO)).toEqual({ decisions: 0, unknownWords: null, targets: {} });
    });

    test('counts values named like what every object has', async () => {
      await decide(8, { values: { category: '__proto__', constructor: 'toString' } });
      const { targets } = await ledger.decided(FROM, TO);
      expect(Object.keys(targets).toSorted()).toEqual(['category', 'constructor']);
      expect(Object.entries(targets['category']?.values ?? {})).toEqual([['__proto__', 1]]);
    });

    test('counts each decision once, however many there are in one moment', async () => {
      await Promise.all(Array.from({ length: 4_500 }, () => decide(9, { values: { category: 'access' } })));
      expect(await ledger.decided(FROM, TO)).toMatchObject({
        decisions: 4_500,
        targets: { category: { values: { access: 4_500 } } },
      });
    });
  });
});
