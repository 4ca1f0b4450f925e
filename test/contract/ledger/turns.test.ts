import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { type Book, books } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

const TRIO = ['ada', 'bo', 'cy'];

describe.each(books)('turns and audits in $name', ({ open }) => {
  let book: Book;
  let ledger: Ledger;

  freshEachTime(open, (opened) => {
    book = opened;
    ledger = opened.replica();
  });

  /** Who gets the turns, one after the other. */
  async function turns(keys: readonly (string | null)[], candidates: readonly string[] = TRIO, team = 'desk') {
    const taken: string[] = [];
    for (const key of keys) taken.push(await ledger.nextTurn({ team, candidates, key }));
    return taken;
  }

  describe('turns', () => {
    test('go round in the order given', async () => {
      expect(await turns(['1', '2', '3', '4', '5'])).toEqual(['ada', 'bo', 'cy', 'ada', 'bo']);
    });

    test('are taken once per key', async () => {
      expect(await turns(['1', '1', '2', '1', '2'])).toEqual(['ada', 'ada', 'bo', 'ada', 'bo']);
    });

    test('are not taken by looking', async () => {
      expect(await turns([null, null, '1', null])).toEqual(['ada', 'ada', 'ada', 'bo']);
    });

    test('go to the one whose last turn is longest ago among those who are there', async () => {
      await turns(['1', '2', '3']);
      expect(await turns(['4', '5'], ['cy', 'bo'])).toEqual(['bo', 'cy']);
      expect(await turns(['6'])).toEqual(['ada']);
    });

    test('go to a newcomer first', async () => {
      await turns(['1', '2', '3', '4']);
      expect(await turns(['5', '6'], [...TRIO, 'dee'])).toEqual(['dee', 'bo']);
    });

    test('go to another one when the one named is not there any more, who is named from then on', async () => {
      expect(await turns(['1'])).toEqual(['ada']);
      expect(await turns(['1'], ['bo', 'cy'])).toEqual(['bo']);
      expect(await turns(['1'])).toEqual(['bo']);
      expect(await turns(['2'])).toEqual(['cy']);
    });

    test('of one team are not those of another, under the same key or not', async () => {
      await turns(['1', '2']);
      expect(await turns(['1', '3'], TRIO, 'night desk')).toEqual(['ada', 'bo']);
    });

    test('take any name', async () => {
      const odd = ['__proto__', '', 'Ünal {1}', '王"小明'];
      expect(await turns(['a', '', '__proto__', 'b', 'c'], odd, 'Größe')).toEqual([...odd, '__proto__']);
    });

    test('need somebody to take them', async () => {
      await expect(turns(['1'], [])).rejects.toThrow('nobody of desk');
      await expect(turns([null], [])).rejects.toThrow('nobody of desk');
    });

    test('are fair over replicas that all ask at once, some of them twice', async () => {
      const replicas = Array.from({ length: 4 }, () => book.replica());
      const asked = Array.from({ length: 400 }, (_, index) => String(index));
      const taken = await Promise.all(
        [...asked, ...asked].map((key, index) =>
          (replicas[index % 4] ?? ledger).nextTurn({ team: 'desk', candidates: TRIO, key }),
        ),
      );
      expect(taken.slice(400)).toEqual(taken.slice(0, 400));
      const counts = TRIO.map((person) => taken.slice(0, 400).filter((one) => one === person).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    });
  });

  describe('audits', () => {
    const entry = (hour: number, detail = '') => ({
      at: new Date(Date.UTC(2026, 4, 1, hour)).toISOString(),
      actor: 'ada',
      action: 'undo',
      detail,
    });

    test('are told newest first, of one moment the last one first, and no more than asked for', async () => {
      const entries = [entry(9, 'b'), entry(8, 'a'), entry(9, 'c "Größe" 打印机')];
      for (const one of entries) await ledger.audit(one);
      expect(await ledger.audits(10)).toEqual([entries[2], entries[0], entries[1]]);
      expect(await ledger.audits(1)).toEqual([entries[2]]);
    });

    test('are kept as often as they happen', async () => {
      await ledger.audit(entry(9));
      await ledger.audit(entry(9));
      expect(await ledger.audits(10)).toHaveLength(2);
    });
  });
});
