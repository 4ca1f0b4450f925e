import { setTimeout as wait } from 'node:timers/promises';
import { RateLimitedError, TransientError } from '../../domain/errors.ts';

/** Passing troubles in a row before it is given up. */
const MAX_TROUBLES = 6;

/** Tries until it works: waits as long as Jira asks, and longer after each passing trouble, a minute in all. */
export async function patiently<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  for (let troubles = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RateLimitedError) await wait(error.retryAfterMs);
      else if (error instanceof TransientError && ++troubles < MAX_TROUBLES) await wait(1000 * 2 ** (troubles - 1));
      else throw error;
    }
  }
}
