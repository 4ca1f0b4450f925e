import { describe, expect, test } from 'vitest';
import { remembered } from '../../../../src/adapters/jira/reading/remembered.ts';

function counting() {
  let count = 0;
  let now = 0;
  const read = remembered(
    async () => ++count,
    () => now,
  );
  const turn = (ms: number) => {
    now += ms;
  };
  return { read, turn };
}

describe('something remembered', () => {
  test('is loaded once until it is too old for who asks', async () => {
    const { read, turn } = counting();
    expect(await read(100)).toBe(1);
    turn(99);
    expect(await read(100)).toBe(1);
    expect(await read(50)).toBe(2);
    expect(await read(100)).toBe(2);
  });

  test('is loaded once for all who ask meanwhile', async () => {
    const { read } = counting();
    expect(await Promise.all([read(0), read(0), read(0)])).toEqual([1, 1, 1]);
    expect(await read(0)).toBe(2);
  });

  test('is loaded again after a failure, and the last good value stays for who takes it', async () => {
    let isBroken = true;
    const read = remembered(
      async () => {
        if (isBroken) throw new Error('no');
        return 'yes';
      },
      () => 0,
    );
    await expect(read(100)).rejects.toThrow('no');
    isBroken = false;
    expect(await read(100)).toBe('yes');
    isBroken = true;
    await expect(read(0)).rejects.toThrow('no');
    expect(await read(100)).toBe('yes');
  });
});
