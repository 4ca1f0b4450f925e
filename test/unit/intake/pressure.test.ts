import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import { pressure } from '../../../src/intake/pressure.ts';

/** A queue whose length is set by hand, and a clock that stands still. */
function scene(limit = 100) {
  const state = { waiting: 0, now: 10_000, looks: 0, warned: [] as string[], isAway: false };
  const isBusy = pressure({
    waiting: async () => {
      state.looks += 1;
      if (state.isAway) throw new TransientError('the queue cannot be reached');
      return state.waiting;
    },
    limit,
    log: { warn: (_facts: unknown, message?: string) => void state.warned.push(message ?? '') },
    now: () => state.now,
  });
  /** Asks, and waits for the look that this may have begun. */
  const ask = async () => {
    const answer = isBusy();
    await new Promise((resume) => setImmediate(resume));
    return answer;
  };
  return { state, ask };
}

describe('back-pressure', () => {
  test('begins above the limit and ends at it', async () => {
    const { state, ask } = scene(100);
    state.waiting = 101;
    await ask();
    expect(await ask()).toBe(true);
    state.waiting = 100;
    state.now += 1_000;
    await ask();
    expect(await ask()).toBe(false);
  });

  test('never waits for a look: the first answer is no', async () => {
    const { state, ask } = scene();
    state.waiting = 1_000;
    expect(await ask()).toBe(false);
    expect(await ask()).toBe(true);
  });

  test('looks once a second however often it is asked', async () => {
    const { state, ask } = scene();
    for (let count = 0; count < 1_000; count++) await ask();
    state.now += 999;
    await ask();
    expect(state.looks).toBe(1);
    state.now += 1;
    await ask();
    expect(state.looks).toBe(2);
  });

  test('lets everything in while nobody can tell how much waits', async () => {
    const { state, ask } = scene();
    state.waiting = 1_000;
    await ask();
    state.isAway = true;
    state.now += 1_000;
    await ask();
    expect(await ask()).toBe(false);
    expect(state.warned).toContain('cannot tell how much waits; webhooks are taken');
  });

  test('does not judge by what was long ago', async () => {
    const { state, ask } = scene();
    state.waiting = 1_000;
    await ask();
    state.now += 60_000;
    expect(await ask()).toBe(false);
  });

  test('says once that it began', async () => {
    const { state, ask } = scene();
    state.waiting = 1_000;
    for (let count = 0; count < 5; count++) {
      await ask();
      state.now += 1_000;
    }
    expect(state.warned).toEqual(['too much waits: webhooks are to come again later']);
  });
});
