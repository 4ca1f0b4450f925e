import { safeMessageOf } from '../domain/errors.ts';
import { beforeDeadline } from '../http/deadline.ts';
import type { Logger } from '../telemetry/log.ts';

export interface PressureParts {
  /** Jobs that wait. */
  readonly waiting: () => Promise<number>;
  /** More than so many are too many. */
  readonly limit: number;
  readonly log: Pick<Logger, 'warn'>;
  /** Milliseconds; the process's own clock when absent. */
  readonly now?: () => number;
}

const LOOK_EVERY_MS = 1_000;
/** An older answer says nothing of now. */
const STALE_MS = 5_000;

/**
 * Tells whether too much waits, at once: the answer is from the last look, and a new look is taken in the background, at
 * most once a second and only while somebody asks. Who cannot look lets everything in; what cannot be queued is refused
 * then and there.
 */
export function pressure({ waiting, limit, log, now = () => performance.now() }: PressureParts): () => boolean {
  let last = { isHigh: false, at: Number.NEGATIVE_INFINITY };
  let askedAt = Number.NEGATIVE_INFINITY;
  let isLooking = false;
  const look = async () => {
    try {
      const count = await beforeDeadline(waiting());
      const isHigh = count > limit;
      if (isHigh && !last.isHigh)
        log.warn({ waiting: count, limit }, 'too much waits: webhooks are to come again later');
      last = { isHigh, at: now() };
    } catch (error) {
      log.warn({ why: safeMessageOf(error) }, 'cannot tell how much waits; webhooks are taken');
      last = { isHigh: false, at: now() };
    } finally {
      isLooking = false;
    }
  };
  return () => {
    if (!isLooking && now() - askedAt >= LOOK_EVERY_MS) {
      isLooking = true;
      askedAt = now();
      void look();
    }
    return last.isHigh && now() - last.at < STALE_MS;
  };
}
