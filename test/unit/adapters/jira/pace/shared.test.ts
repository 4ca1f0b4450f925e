import { describe, expect, test } from 'vitest';
import type { Ask, Books, Turn, Verdict } from '../../../../../src/adapters/jira/pace/books.ts';
import { EVERYTHING } from '../../../../../src/adapters/jira/pace/books.ts';
import { sharedBooks } from '../../../../../src/adapters/jira/pace/shared.ts';
import { many } from './paced.ts';

const ask = (parts: Partial<Ask> = {}): Ask => ({
  endpoint: 'PUT /issue/{}',
  perSecond: 50,
  issue: null,
  maxWaitMs: 1_000,
  isDue: false,
  ...parts,
});
const FREE: Turn = { waitMs: 0, scope: 'endpoint' };
const taken = (turns: readonly Turn[]) => turns.filter(({ waitMs }) => waitMs <= 1_000).length;

/** A store that does what it is told to, and what was told about it. */
function open() {
  let now = 0;
  let mood: 'well' | 'broken' | 'silent' = 'well';
  const groups: number[] = [];
  const heeded: Verdict[] = [];
  const said: string[] = [];
  const answer = async <Result>(result: Result): Promise<Result> => {
    if (mood === 'broken') throw new Error('connection refused');
    return mood === 'silent' ? await new Promise<never>(() => {}) : result;
  };
  const store: Books = {
    book: async (asks) => {
      groups.push(asks.length);
      return await answer(asks.map(() => FREE));
    },
    heed: async (verdict) => {
      await answer(undefined);
      heeded.push(verdict);
    },
  };
  const books = sharedBooks(store, {
    timer: { now: () => now },
    onAway: (why) => said.push(`away: ${why}`),
    onBack: () => said.push('back'),
  });
  return {
    books,
    groups,
    heeded,
    said,
    turn: (ms: number) => {
      now += ms;
    },
    be: (how: typeof mood) => {
      mood = how;
    },
  };
}

describe('shared books', () => {
  test('are asked once for all requests of a moment', async () => {
    const { books, groups } = open();
    const turns = await Promise.all(many(30, () => books.book([ask()])));
    expect(turns.flat()).toEqual(many(30, () => FREE));
    expect(groups).toEqual([30]);
  });

  test('that are away are stood in for by a quarter of each limit, and it is said once', async () => {
    const { books, said, be } = open();
    be('broken');
    const turns = await books.book(many(200, () => ask()));
    expect(taken(turns)).toBeGreaterThanOrEqual(12);
    expect(taken(turns)).toBeLessThanOrEqual(16);
    const writes = await books.book(many(30, () => ask({ endpoint: 'POST', perSecond: 10_000, issue: 'DESK-1' })));
    expect(taken(writes)).toBe(4);
    expect(said).toEqual(['away: connection refused']);
  });

  test('that do not answer hold nobody up for long', async () => {
    const { books, said, be } = open();
    be('silent');
    const startedAt = performance.now();
    expect(taken(await books.book([ask()]))).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(taken(await books.book([ask()]))).toBe(1);
    expect(said).toEqual(['away: no answer within 100 ms']);
  });

  test('are used again when they are back, and hear of the pauses they missed', async () => {
    const { books, groups, heeded, said, be, turn } = open();
    be('broken');
    await books.book([ask()]);
    await books.heed({ kind: 'pause', what: EVERYTHING, pauseMs: 10_000 });
    await books.heed({ kind: 'pause', what: EVERYTHING, pauseMs: 2_000 });
    await books.heed({ kind: 'pause', what: 'GET /x', pauseMs: 1_000 });
    expect((await books.book([ask({ maxWaitMs: 0 })]))[0]).toMatchObject({ waitMs: 10_000, scope: 'site' });
    be('well');
    turn(1_000);
    await books.book([ask()]);
    await expect.poll(() => said).toEqual(['away: connection refused', 'back']);
    expect(heeded).toEqual([{ kind: 'pause', what: EVERYTHING, pauseMs: 9_000 }]);
    const before = groups.length;
    expect(await books.book([ask()])).toEqual([FREE]);
    expect(groups.length).toBe(before + 1);
  });

  test('that come and go do not fill the log', async () => {
    const { books, said, be, turn } = open();
    for (let round = 0; round < 20; round += 1) {
      be('broken');
      await books.book([ask()]);
      be('well');
      turn(1_000);
      await books.book([ask()]);
      await new Promise((resume) => setImmediate(resume));
    }
    expect(said).toEqual(['away: connection refused', 'back']);
  });
});
