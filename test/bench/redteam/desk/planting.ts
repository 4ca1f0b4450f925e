import { processMemory } from '../../../../src/adapters/sparse/memory.ts';
import type { Memory } from '../../../../src/domain/ports/memory.ts';
import { remember } from '../../../../src/feedback/learn.ts';
import type { Stand } from './stand.ts';
import { issueFrom, NOW_MS, type Values, type Written } from './ticket.ts';

/** A past ticket that an attacker wrote, with the values somebody closed it with. */
export type Planted = Written & { readonly values: Values };

/** Does something with a memory that holds these tickets beside the desk's own, for as long as it takes. */
export type Plant = <Answer>(planted: readonly Planted[], act: (memory: Memory) => Promise<Answer>) => Promise<Answer>;

const IDS = 5_000;

/** Memories are filled once and lent again and again: filling one takes longer than deciding ten tickets. */
export function planting({ memory, history, playbook }: Omit<Stand, 'localModel'>): Plant {
  const free: Memory[] = [];
  const lent = async () => {
    const known = free.pop();
    if (known) return known;
    const fresh = processMemory();
    await fresh.put(history);
    return fresh;
  };
  return async (planted, act) => {
    if (planted.length === 0) return act(memory);
    const own = await lent();
    const issues = planted.map(({ values, ...written }, index) =>
      issueFrom(written, { id: IDS + index, createdMs: NOW_MS - 60_000 * (index + 1), values }),
    );
    await remember(issues, playbook, { memory: own, embedder: null });
    try {
      return await act(own);
    } finally {
      await own.forget(issues.map(({ id }) => id));
      free.push(own);
    }
  };
}
