import { describe, expect, test } from 'vitest';
import { grouped } from '../../../src/batching/grouped.ts';

/** Work that waits until it is let go, and the groups it was given. */
function gatedWork() {
  const groups: (readonly number[])[] = [];
  const gates: (() => void)[] = [];
  const work = async (items: readonly number[]) => {
    groups.push(items);
    await new Promise<void>((resolve) => gates.push(resolve));
    return items.map((item) => item * 10);
  };
  const release = async () => {
    await expect.poll(() => gates.length, { interval: 1 }).toBeGreaterThan(0);
    gates.shift()?.();
  };
  return { groups, work, release };
}

describe('grouping', () => {
  test('a lone item goes at once', async () => {
    const double = grouped<number, number>({ maxSize: 10, maxRunning: 1 }, async (items) =>
      items.map((item) => item * 2),
    );
    expect(await double(4)).toBe(8);
  });

  test('what comes together goes together, and each gets its own result', async () => {
    const { groups, work, release } = gatedWork();
    const run = grouped({ maxSize: 10, maxRunning: 1 }, work);
    const results = Promise.all([run(1), run(2), run(3)]);
    await release();
    expect(await results).toEqual([10, 20, 30]);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  test('what comes meanwhile goes next, in groups no larger than allowed', async () => {
    const { groups, work, release } = gatedWork();
    const run = grouped({ maxSize: 2, maxRunning: 1 }, work);
    const first = run(1);
    await expect.poll(() => groups.length, { interval: 1 }).toBe(1);
    const others = Promise.all([run(2), run(3), run(4)]);
    for (let group = 0; group < 3; group += 1) await release();
    expect([await first, await others]).toEqual([10, [20, 30, 40]]);
    expect(groups).toEqual([[1], [2, 3], [4]]);
  });

  test('a group that fails tells each of its callers, and later ones go on', async () => {
    const run = grouped<number, number>({ maxSize: 10, maxRunning: 1 }, async (items) => {
      if (items.includes(2)) throw new Error('no');
      return items;
    });
    const results = await Promise.allSettled([run(1), run(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await run(3)).toBe(3);
  });

  test('work that returns too few results fails its whole group', async () => {
    const run = grouped<number, number>({ maxSize: 10, maxRunning: 1 }, async (items) => items.slice(1));
    await expect(Promise.all([run(1), run(2)])).rejects.toThrow('2 items went in, 1 results came out');
  });

  test('a group that hangs holds up no later one while another may run', async () => {
    const run = grouped<number, number>({ maxSize: 10, maxRunning: 2 }, async (items) =>
      items.includes(0) ? new Promise<never>(() => {}) : items,
    );
    void run(0);
    await new Promise((resume) => setImmediate(() => setImmediate(resume)));
    expect(await run(1)).toBe(1);
  });

  test('no more groups run at a time than allowed', async () => {
    const { groups, work, release } = gatedWork();
    const run = grouped({ maxSize: 1, maxRunning: 2 }, work);
    const results = Promise.all([1, 2, 3, 4].map(run));
    await expect.poll(() => groups.length, { interval: 1 }).toBe(2);
    for (let group = 0; group < 4; group += 1) await release();
    expect(await results).toEqual([10, 20, 30, 40]);
    expect(groups).toEqual([[1], [2], [3], [4]]);
  });
});
