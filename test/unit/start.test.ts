import { describe, expect, test } from 'vitest';
import { closedWithin } from '../../src/start.ts';
import { openLog } from '../../src/telemetry/log.ts';

describe('closing within a time', () => {
  const warned: unknown[] = [];
  const log = Object.assign(openLog('silent'), { warn: (facts: unknown) => void warned.push(facts) });
  const how = { ms: 50, what: 'storage', log };

  test('waits for what comes to an end', async () => {
    let isClosed = false;
    const slow = {
      [Symbol.asyncDispose]: async () => {
        await new Promise((resume) => setImmediate(resume));
        isClosed = true;
      },
    };
    await closedWithin(slow, how)[Symbol.asyncDispose]();
    expect([isClosed, warned]).toEqual([true, []]);
  });

  test.each([
    ['never comes to an end', () => new Promise<never>(() => {}), 'not closed within 50 ms'],
    ['cannot be closed', () => Promise.reject(new Error('connection reset')), 'connection reset'],
  ])('goes on, and says so, after what %s', async (_what, close, why) => {
    warned.length = 0;
    await closedWithin({ [Symbol.asyncDispose]: close }, how)[Symbol.asyncDispose]();
    expect(warned).toEqual([{ what: 'storage', why: expect.stringContaining(why) }]);
  });
});
