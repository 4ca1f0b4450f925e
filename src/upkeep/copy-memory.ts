import type { Memory } from '../domain/ports/memory.ts';

export interface Copied {
  readonly read: number;
  /** Those that the other memory did not have. */
  readonly copied: number;
}

/**
 * Copies past tickets from one memory to another, oldest first, with their vectors, and yields how far it came. What is
 * there already stays as it is, so it goes on where it stopped and replaces nothing newer.
 */
export async function* copyMemory(
  from: Pick<Memory, 'tickets'>,
  to: Pick<Memory, 'excerpts' | 'put'>,
): AsyncGenerator<Copied> {
  let done: Copied = { read: 0, copied: 0 };
  for await (const page of from.tickets()) {
    const there = new Set((await to.excerpts(page.map(({ id }) => id))).map(({ id }) => id));
    const absent = page.filter(({ id }) => !there.has(id));
    if (absent.length > 0) await to.put(absent);
    done = { read: done.read + page.length, copied: done.copied + absent.length };
    yield done;
  }
}
