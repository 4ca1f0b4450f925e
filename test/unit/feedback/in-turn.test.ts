import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inTurn } from '../../../src/feedback/in-turn.ts';

describe('many things in turn', () => {
  test('are all done, never more at once than may be', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 9 }), async (count, atOnce) => {
        const done: number[] = [];
        let running = 0;
        const items = Array.from({ length: count }, (_, index) => index);
        const trouble = await inTurn(items, atOnce, async (item) => {
          running += 1;
          expect(running).toBeLessThanOrEqual(atOnce);
          for (let turn = 0; turn < item % 4; turn++) await Promise.resolve();
          running -= 1;
          done.push(item);
        });
        expect(trouble).toBeNull();
        expect(done.toSorted((one, other) => one - other)).toEqual(items);
      }),
    );
  });

  test('stop at the first failure: what was not done is left, what was begun is finished', async () => {
    const done: number[] = [];
    const trouble = await inTurn([0, 1, 2, 3, 4, 5], 2, async (item) => {
      await Promise.resolve();
      if (item === 2) throw new Error('busy');
      await Promise.resolve();
      done.push(item);
    });
    expect(trouble?.error).toEqual(new Error('busy'));
    expect([...done, ...(trouble?.left ?? [])].toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(trouble?.left).toContain(2);
    expect(trouble?.left).toContain(5);
  });

  test('leave everything that failed at the same time', async () => {
    const trouble = await inTurn([0, 1, 2, 3], 3, async (item) => {
      throw new Error(`no ${item}`);
    });
    expect(trouble).toEqual({ error: new Error('no 0'), left: [0, 1, 2, 3] });
  });
});
