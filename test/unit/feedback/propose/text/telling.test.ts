import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sumOf, type Tally, telling } from '../../../../../src/feedback/propose/text/telling.ts';
import { linesOf, saysSomething } from '../../../../../src/feedback/propose/text/words.ts';

const tally = (tickets: number, holders: Readonly<Record<string, number>>): Tally => ({
  holders: new Map(Object.entries(holders)),
  words: tickets * 30,
  tickets,
});
const score = (word: string, own: Tally, other: Tally) => telling(word, { own, other, all: sumOf([own, other]) });

describe('how telling a word is', () => {
  const own = tally(40, { docking: 40, cable: 40, and: 40, odd: 1 });
  const other = tally(4_000, { cable: 300, and: 2_000 });

  test('most where others hardly use it, nothing where everybody does, or only one ticket', () => {
    expect(score('docking', own, other)).toBeGreaterThan(score('cable', own, other));
    expect(score('cable', own, other)).toBeGreaterThan(0);
    for (const word of ['and', 'odd', 'unknown', '__proto__']) expect(score(word, own, other)).toBe(0);
  });

  test('is a number for any counts, and no less the more of our tickets have the word', () => {
    const counts = fc.record({
      tickets: fc.nat(500),
      held: fc.nat(500),
      others: fc.nat(50_000),
      theirs: fc.nat(50_000),
    });
    fc.assert(
      fc.property(counts, ({ tickets, held, others, theirs }) => {
        const rest = tally(others, { word: Math.min(theirs, others) });
        const [fewer, more] = [Math.min(held, tickets), Math.min(held + 1, tickets)].map((holders) =>
          telling('word', {
            own: tally(tickets, { word: holders }),
            other: rest,
            all: tally(tickets + others, { word: 1 + rest.tickets }),
          }),
        );
        expect(Number.isFinite(fewer)).toBe(true);
        expect(more).toBeGreaterThanOrEqual(fewer ?? Number.NaN);
      }),
    );
  });
});

describe('words', () => {
  const words = (text: string) => linesOf(text).map((line) => line.map(({ written }) => written).join(' '));

  test('go clause by clause, without placeholders, numbers and codes', () => {
    expect(words('Hello, [PERSON_1] has badge 4711-0815 and M365. Docking-station\nis off')).toEqual([
      'Hello',
      'has badge',
      'and',
      'Docking station',
      'is off',
    ]);
    expect(words('打印机无法连接，请检查VPN网络')).toEqual(['打印 机 无法 连接', '请 检查 VPN 网络']);
    expect(words('Die Größe stimmt nicht: ÜBERGABE')).toEqual(['Die Größe stimmt nicht', 'ÜBERGABE']);
  });

  test('are at most 300 of a text of any length', () => {
    const many = linesOf('docking station dead '.repeat(20_000)).flat();
    expect(many).toHaveLength(300);
    for (const hostile of [
      'a'.repeat(100_000),
      '1'.repeat(100_000),
      'a1'.repeat(50_000),
      '中'.repeat(100_000),
      '[A_1'.repeat(30_000),
    ])
      expect(linesOf(hostile).flat().length).toBeLessThanOrEqual(300);
    expect(linesOf('')).toEqual([]);
  });

  test('say something from three letters on, or one Chinese character', () => {
    for (const key of ['vpn', '坞', 'größe', 'sap2']) expect(saysSomething(key)).toBe(true);
    for (const key of ['is', 'x1', '12', 'a'.repeat(31), '']) expect(saysSomething(key)).toBe(false);
  });
});
