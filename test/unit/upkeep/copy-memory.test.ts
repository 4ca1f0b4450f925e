import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import { copyMemory } from '../../../src/upkeep/copy-memory.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { pastTicketWith } from '../../support/fixtures.ts';

const east = { model: 'small', vector: [1, 0] };

async function full() {
  const memory = memoryFake();
  await memory.put(
    Array.from({ length: 50 }, (_, index) =>
      pastTicketWith({ id: String(100 + index), summary: `printer ${index}`, people: ['Kim'], embedding: east }),
    ),
  );
  return memory;
}

const whole = async (memory: ReturnType<typeof memoryFake>) => (await Array.fromAsync(memory.tickets())).flat();

describe('copying memory', () => {
  test('brings every ticket whole, with its vector', async () => {
    const [from, to] = [await full(), memoryFake()];
    const steps = await Array.fromAsync(copyMemory(from, to));
    expect(steps.at(-1)).toEqual({ read: 50, copied: 50 });
    expect(await whole(to)).toEqual(await whole(from));
  });

  test('leaves alone what is there, for it may be newer', async () => {
    const [from, to] = [await full(), memoryFake()];
    await to.put([pastTicketWith({ id: '120', summary: 'toner', embedding: east })]);
    expect((await Array.fromAsync(copyMemory(from, to))).at(-1)).toEqual({ read: 50, copied: 49 });
    expect((await whole(to)).find(({ id }) => id === '120')?.summary).toBe('toner');
  });

  test('goes on where it was interrupted', async () => {
    const [from, to] = [await full(), memoryFake()];
    let puts = 0;
    const failing: typeof to = {
      ...to,
      put: (tickets) => (++puts === 2 ? Promise.reject(new TransientError('away')) : to.put(tickets)),
    };
    await expect(Array.fromAsync(copyMemory(from, failing))).rejects.toBeInstanceOf(TransientError);
    const there = await to.size();
    expect(there).toBeGreaterThan(0);
    expect((await Array.fromAsync(copyMemory(from, to))).at(-1)).toEqual({ read: 50, copied: 50 - there });
    expect(await to.size()).toBe(50);
  });
});
