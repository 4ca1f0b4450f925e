import { setTimeout as pause } from 'node:timers/promises';

/** How long a backend may be silent, while something waits for it in order to close, before it counts as gone. */
const SILENCE_MS = 2_000;
const BETWEEN_LOOKS_MS = 500;
/** How long closing may take once nothing is waited for any more. */
const LAST_MS = 1_500;

/**
 * Closes what needs its backend for that: waits for `closing` as long as the backend answers, however long that takes.
 * Once it is gone, `abandon` makes whatever waits for it fail; a moment later it counts as closed.
 */
export async function closeWhileThere(
  closing: Promise<void>,
  { ping, abandon }: { readonly ping: () => Promise<unknown>; readonly abandon: () => void },
): Promise<void> {
  const end = new AbortController();
  try {
    await Promise.race([closing, untilGone(ping, end.signal)]);
    abandon();
    await Promise.race([closing, pause(LAST_MS, undefined, { signal: end.signal })]);
  } finally {
    end.abort();
  }
}

async function untilGone(ping: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!(await answers(ping))) return;
    await pause(BETWEEN_LOOKS_MS, undefined, { signal }).catch(() => {});
  }
}

/** Whether something is done in time; what fails counts as no answer. */
async function answers(ping: () => Promise<unknown>): Promise<boolean> {
  return (
    (await within(
      SILENCE_MS,
      ping().then(
        () => true,
        () => false,
      ),
    )) ?? false
  );
}

/** What comes of some work, or undefined when it takes too long; the work itself goes on. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const end = new AbortController();
  try {
    return await Promise.race([work, pause(ms, undefined, { signal: end.signal })]);
  } finally {
    end.abort();
  }
}
