import { setTimeout as wait } from 'node:timers/promises';
import { RateLimitedError } from '../../../domain/errors.ts';
import { type Answer, verdictOf } from './answer.ts';
import type { Books, Verdict } from './books.ts';
import { inProcessBooks } from './in-process.ts';
import { type Counted, countedAs, type PacedRequest } from './limits.ts';

/** Longer waits are the queue's business. */
const MAX_WAIT_MS = 1_000;
/** A turn that was missed by so much is lost. */
const LATE_MS = 100;
/**
 * Whoever has to wait goes on with the next beat, together with all others who wait: their tickets then share round trips
 * to databases, and find code and data warm. Measured under load, that is a third of our processor time.
 */
const BEAT_MS = 100;
/** So often we note that little is left of the same budget. */
const EASE_EVERY_MS = 500;

/** A clock that never goes back, in milliseconds, and a way to wait by it. */
export interface Timer {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface PaceOptions {
  /** Our part of what Jira lets everybody on the site send, above 0 up to 1. */
  readonly share?: number | undefined;
  readonly timer?: Timer | undefined;
  /** Where requests are booked; by this process alone when absent. */
  readonly books?: Books | undefined;
}

/** Keeps us below Jira's limits before Jira has to say so. */
export interface Pace {
  /**
   * Waits for a request's turn and returns for how long. Throws `RateLimitedError` at once when its turn does not come
   * within a second.
   */
  admit(request: PacedRequest): Promise<number>;
  /** Notes what an answer says about the requests to come; settled once whoever asks next will know. */
  heed(request: PacedRequest, answer: Answer): Promise<void>;
}

export const MONOTONIC: Timer = {
  now: () => performance.now(),
  sleep: async (ms) => void (await wait(Math.ceil(ms))),
};

/**
 * All of Jira's limit is ours by default: its buckets refill every second, other apps seldom fill them, and where they
 * do, Jira's answers slow us down. A busy neighbour asks for a smaller share.
 */
export function openPace({ share = 1, timer = MONOTONIC, books }: PaceOptions = {}): Pace {
  const ours = books ?? inProcessBooks(timer);
  const easedAt = new Map<string, number>();
  const isNews = (verdict: Verdict) => {
    if (verdict.kind !== 'ease') return true;
    const now = timer.now();
    if (now - (easedAt.get(verdict.what) ?? Number.NEGATIVE_INFINITY) < EASE_EVERY_MS) return false;
    easedAt.set(verdict.what, now);
    return true;
  };
  return {
    admit: (request) => admit(countedAs(request), { share, timer, books: ours }),
    heed: async (request, answer) => {
      const verdict = verdictOf(countedAs(request), answer);
      if (verdict !== null && isNews(verdict)) await ours.heed(verdict);
    },
  };
}

type Admission = Required<{ [Part in keyof PaceOptions]: NonNullable<PaceOptions[Part]> }>;

async function admit({ endpoint, perSecond, issue, isWrite }: Counted, { share, timer, books }: Admission) {
  const from = timer.now();
  const ask = { endpoint, perSecond: perSecond * share, issue: isWrite ? issue : null };
  for (let isDue = false; ; ) {
    const maxWaitMs = Math.max(0, Math.floor(MAX_WAIT_MS - (timer.now() - from)));
    const [turn] = await books.book([{ ...ask, maxWaitMs, isDue }]);
    if (turn === undefined) throw new Error('the books gave no turn');
    const { waitMs, scope } = turn;
    if (waitMs > maxWaitMs)
      throw new RateLimitedError('sent now, this would pass what Jira allows', { retryAfterMs: waitMs, scope });
    if (waitMs <= 0) return timer.now() - from;
    const dueAt = Math.ceil((timer.now() + waitMs) / BEAT_MS) * BEAT_MS;
    await timer.sleep(dueAt - timer.now());
    // Jira may have asked for a pause meanwhile, so the books are asked again; and who overslept, because this process
    // was busy, books anew: else all who did would go at once.
    isDue = timer.now() - dueAt < LATE_MS;
  }
}
