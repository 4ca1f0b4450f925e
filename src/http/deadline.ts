import { TransientError } from '../domain/errors.ts';

/** Jira gives up after 20 s and holds one of its 20 slots until then; we say "later" long before. */
const DEADLINE_MS = 2_000;

/** The result of some work, or `TransientError` when it takes too long; the work itself goes on. */
export async function beforeDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TransientError(`not done within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
