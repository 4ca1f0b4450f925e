import type { Memory } from '../../../src/domain/ports/memory.ts';
import type { Embeddable, Space } from '../../../src/domain/ticket/space.ts';

export const small: Space = { model: 'small', dimensions: 2 };
export const large: Space = { model: 'large', dimensions: 3 };
/** As long as the small one's, so that only the name keeps them apart. */
export const other: Space = { model: 'other', dimensions: 2 };

export const east = { model: 'small', vector: [1, 0] };
export const north = { model: 'small', vector: [0, 1] };

export async function missingIn(memory: Memory, space: Space): Promise<Embeddable[]> {
  return (await Array.fromAsync(memory.spaces.missing(space))).flat();
}

/** Gives every ticket that lacks one a vector. */
export async function fill(memory: Memory, space: Space, vector: readonly number[]): Promise<void> {
  for await (const tickets of memory.spaces.missing(space)) {
    await memory.spaces.store(
      space,
      tickets.map((ticket) => ({ ticket, vector })),
    );
  }
}

export const missingIds = async (memory: Memory, space: Space) =>
  (await missingIn(memory, space)).map(({ id }) => id).sort();
