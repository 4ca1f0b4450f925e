import { MisconfiguredError, messageOf, TransientError } from '../../domain/errors.ts';
import type { Recall } from '../../domain/ports/memory.ts';

/** Memory for one decision, which does not end with it. */
export interface Outlasting extends Recall {
  /** Why memory could not be asked; null as long as it could. */
  readonly trouble: () => string | null;
}

/** Whether a decision goes on without what was asked for: it is away, or refuses us. */
export function isOutage(error: unknown): boolean {
  return error instanceof TransientError || error instanceof MisconfiguredError;
}

/**
 * Memory that has nothing to say from the moment it cannot be asked, and is not asked again: an outage costs quality,
 * never a ticket, and one wait at most. What a model was to be shown is the exception: that throws `TransientError`, for
 * half a question is not asked.
 */
export function outlasting(memory: Recall): Outlasting {
  let trouble: string | null = null;
  const ask = async <T>(question: () => Promise<readonly T[]>): Promise<readonly T[] | null> => {
    if (trouble !== null) return null;
    try {
      return await question();
    } catch (error) {
      if (!isOutage(error)) throw error;
      trouble = `past tickets could not be looked up: ${messageOf(error)}`;
      return null;
    }
  };
  const insist = async <T>(question: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    const found = await ask(question);
    if (found) return found;
    throw new TransientError(trouble ?? 'past tickets could not be looked up');
  };
  return {
    trouble: () => trouble,
    nearest: async (query) => (await ask(() => memory.nearest(query))) ?? [],
    pastWork: async (query) => (await ask(() => memory.pastWork(query))) ?? [],
    excerpts: (ids) => insist(() => memory.excerpts(ids)),
    corrections: (query) => insist(() => memory.corrections(query)),
  };
}
