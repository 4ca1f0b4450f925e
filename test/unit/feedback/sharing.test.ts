import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharing } from '../../../src/feedback/sharing.ts';

/** Work that ends when it is told to. */
function stage() {
  const begun: { key: string; requests: readonly number[]; end: (result: string) => void; fail: () => void }[] = [];
  const ask = sharing<number, string>(
    (key, requests) =>
      new Promise((resolve, reject) => {
        begun.push({ key, requests, end: resolve, fail: () => reject(new Error('no')) });
      }),
  );
  return { begun, ask };
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

  test('never works on one key twice at once, and gives everybody a turn that began after they asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b'), turns: fc.nat({ max: 4 }) })),
        async (asks) => {
          let time = 0;
          const busy = new Set<string>();
          const ask = sharing<number, number>(async (key, requests) => {
            expect(busy.has(key)).toBe(false);
            busy.add(key);
            const begunAt = ++time;
            for (let turn = 0; turn < (requests[0] ?? 0); turn++) await Promise.resolve();
            busy.delete(key);
            return begunAt;
          });
          await Promise.all(
            asks.map(async ({ key, turns }, index) => {
              for (let turn = 0; turn < index % 3; turn++) await Promise.resolve();
              const askedAt = time;
              expect(await ask(key, turns)).toBeGreaterThan(askedAt);
            }),
          );
          expect(busy.size).toBe(0);
        },
      ),
    );
  });
});
