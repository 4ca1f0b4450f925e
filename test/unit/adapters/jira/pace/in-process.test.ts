import { describe, expect, test } from 'vitest';
import { EVERYTHING, issueNamed } from '../../../../../src/adapters/jira/pace/books.ts';
import { inProcessBooks } from '../../../../../src/adapters/jira/pace/in-process.ts';

function open() {
  let now = 0;
  const books = inProcessBooks({ now: () => now });
  const write = async (issue: string, at: number) => {
    now = at;
    const ask = { endpoint: 'PUT /issue/{}', perSecond: 1_000_000, issue, maxWaitMs: 100_000, isDue: false };
    return (await books.book([ask]))[0]?.waitMs;
  };
  return { books, write };
}

describe('what a process remembers', () => {
  test('are the issues of the last half minute, not all there ever were', async () => {
    const { books, write } = open();
    for (let at = 0; at < 100_000; at += 1) await write(`DESK-${at}`, at * 10);
    expect(books.size()).toBeLessThanOrEqual(5_010);
    expect(await write('DESK-1', 1_000_000)).toBe(0);
  });

  test('is bounded even when they all come at once, and holds what is about everything', async () => {
    const { books, write } = open();
    await books.heed({ kind: 'pause', what: EVERYTHING, pauseMs: 50_000 });
    for (let issue = 0; issue < 20_000; issue += 1) await write(`DESK-${issue}`, 5);
    expect(books.size()).toBeLessThanOrEqual(5_010);
    expect(await write('DESK-0', 5)).toBeGreaterThan(49_000);
  });

  test('is bounded when Jira pauses one issue after the other', async () => {
    const { books } = open();
    for (let issue = 0; issue < 20_000; issue += 1)
      await books.heed({ kind: 'pause', what: issueNamed(`DESK-${issue}`), pauseMs: 60_000 });
    expect(books.size()).toBeLessThanOrEqual(5_010);
  });

  test('are as many moments of an issue as its limits need', async () => {
    const { write } = open();
    let last = 0;
    for (let count = 0; count < 91; count += 1) last = (await write('DESK-1', 0)) ?? 0;
    expect(last).toBe(30_000);
  });

  test('does not mix up names that objects have', async () => {
    const { write } = open();
    expect(await write('__proto__', 7)).toBe(0);
    expect(await write('constructor', 7)).toBe(0);
  });
});
