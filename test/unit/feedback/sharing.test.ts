import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharing } from '../../../src/feedback/sharing.ts';

/** Work that ends when it is told to, and a clock that is set by hand; whoever says nothing else asks for what is new. */
function stage() {
  const begun: { key: string; requests: readonly number[]; end: (result: string) => void; fail: () => void }[] = [];
  const clock = { now: 100 };
  const share = sharing<number, string>(
    (key, requests) =>
      new Promise((resolve, reject) => {
        begun.push({ key, requests, end: resolve, fail: () => reject(new Error('no')) });
      }),
    () => clock.now,
  );
  const ask = (key: string, request: number, since = clock.now) => share(key, { request, since });
  return { begun, ask, clock };
}

const settled = () => new Promise((resume) => setImmediate(resume));

describe('sharing work by key', () => {
  test('begins at once, and lets other keys go on beside it', () => {
    const { begun, ask } = stage();
    void ask('a', 1);
    void ask('b', 2);
    expect(begun.map(({ key, requests }) => [key, requests])).toEqual([
      ['a', [1]],
      ['b', [2]],
    ]);
  });

  test('lets all who come meanwhile share the next turn', async () => {
    const { begun, ask } = stage();
    const first = ask('a', 1);
    const others = [ask('a', 2), ask('a', 3)];
    await settled();
    expect(begun).toHaveLength(1);
    begun[0]?.end('one');
    await settled();
    expect(begun.map(({ requests }) => requests)).toEqual([[1], [2, 3]]);
    begun[1]?.end('two');
    expect(await Promise.all([first, ...others])).toEqual(['one', 'two', 'two']);
  });

  test('tells a failure to those it concerns, and goes on', async () => {
    const { begun, ask } = stage();
    const first = ask('__proto__', 1);
    const second = ask('__proto__', 2);
    begun[0]?.fail();
    await expect(first).rejects.toThrow('no');
    await settled();
    begun[1]?.end('two');
    expect(await second).toBe('two');
    const third = ask('__proto__', 3);
    begun[2]?.end('three');
    expect(await third).toBe('three');
  });

  test('answers with a turn that is over, or under way, if it was begun later than there was something to see', async () => {
    const { begun, ask, clock } = stage();
    const first = ask('a', 1, 99);
    expect(ask('a', 2, 99)).toBe(first);
    begun[0]?.end('one');
    await settled();
    clock.now = 500;
    expect(await ask('a', 3, 99)).toBe('one');
    void ask('a', 4, 100);
    void ask('b', 5, 99);
    expect(begun.map(({ requests }) => requests)).toEqual([[1], [4], [5]]);
  });

  test('answers nobody with a turn that failed', async () => {
    const { begun, ask } = stage();
    const first = ask('a', 1, 99);
    begun[0]?.fail();
    await expect(first).rejects.toThrow('no');
    void ask('a', 2, 99);
    expect(begun).toHaveLength(2);
  });

  test('remembers the newest turns only', async () => {
    let turns = 0;
    const ask = sharing<null, number>(
      async () => ++turns,
      () => 1,
    );
    for (let key = 0; key <= 10_000; key++) await ask(`${key}`, { request: null, since: 0 });
    expect(await ask('10000', { request: null, since: 0 })).toBe(10_001);
    expect(await ask('1', { request: null, since: 0 })).toBe(2);
    expect(await ask('0', { request: null, since: 0 })).toBe(10_002);
  });

  test('never works on one key twice at once, and gives everybody a turn that was begun late enough', async () => {
    const asked = fc.record({ key: fc.constantFrom('a', 'b'), turns: fc.nat({ max: 4 }), ago: fc.nat({ max: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(asked), async (asks) => {
        let time = 10;
        const busy = new Set<string>();
        const work = async (key: string, requests: readonly number[]) => {
          expect(busy.has(key)).toBe(false);
          busy.add(key);
          const begunAt = time;
          for (let turn = 0; turn < (requests[0] ?? 0); turn++) await Promise.resolve();
          busy.delete(key);
          return begunAt;
        };
        const ask = sharing<number, number>(work, () => ++time);
        await Promise.all(
          asks.map(async ({ key, turns, ago }, index) => {
            for (let turn = 0; turn < index % 3; turn++) await Promise.resolve();
            const since = time - ago;
            expect(await ask(key, { request: turns, since })).toBeGreaterThan(since);
          }),
        );
        expect(busy.size).toBe(0);
      }),
    );
  });
});
