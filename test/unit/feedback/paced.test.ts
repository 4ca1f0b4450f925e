import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { paced } from '../../../src/feedback/paced.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function counted(tookMs = 0) {
  let count = 0;
  const pacer = paced(async () => {
    count += 1;
    await new Promise<void>((resume) => setTimeout(resume, tookMs));
  }, 1_000);
  return { pacer, count: () => count };
}

describe('something that is done now and then', () => {
  test('is done at once, and after a pause once for all who asked meanwhile', async () => {
    const { pacer, count } = counted();
    pacer.ask();
    expect(count()).toBe(1);
    for (let ask = 0; ask < 100; ask++) pacer.ask();
    await vi.advanceTimersByTimeAsync(999);
    expect(count()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(count()).toBe(2);
  });

  test('is not done again when nobody asks', async () => {
    const { pacer, count } = counted();
    pacer.ask();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(count()).toBe(1);
    pacer.ask();
    expect(count()).toBe(2);
  });

  test('is never done twice at once, however long it takes', async () => {
    const { pacer, count } = counted(5_000);
    pacer.ask();
    await vi.advanceTimersByTimeAsync(3_000);
    pacer.ask();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(count()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(count()).toBe(2);
  });

  test('is done no more once it was put away, even when it was being done', async () => {
    const { pacer, count } = counted(100);
    pacer.ask();
    pacer.ask();
    pacer[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(10_000);
    pacer.ask();
    expect(count()).toBe(1);
  });
});
