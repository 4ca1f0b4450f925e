import { grouped } from '../../../batching/grouped.ts';
import { messageOf } from '../../../domain/errors.ts';
import type { Ask, Books, Verdict } from './books.ts';
import { inProcessBooks } from './in-process.ts';
import { MONOTONIC, type Timer } from './pace.ts';

/** So long a request to Jira waits for the shared books. */
const PATIENCE_MS = 100;
/** So often they are tried again while they are away. */
const TRY_AGAIN_MS = 1_000;
/** The part of every limit that a replica takes without knowing of the others: there may be four. */
const CAUTIOUS_PART = 1 / 4;
/** Books that come and go are told of once a minute. */
const TELL_EVERY_MS = 60_000;
const MAX_GROUP = 200;
const MAX_NOTES = 1_000;

export interface SharedOptions {
  /** Told that the shared books are away, and why. */
  readonly onAway: (why: string) => void;
  readonly onBack: () => void;
  readonly timer?: Pick<Timer, 'now'> | undefined;
}

/**
 * Books that all replicas share, at the price of one round trip for all requests that arrived during the last one.
 * While they are away, a process keeps books of its own over a quarter of every limit; what Jira asked for meanwhile is
 * noted in the shared ones when they are back. Never throws.
 */
export function sharedBooks(store: Books, { timer = MONOTONIC, ...tell }: SharedOptions): Books {
  const own = inProcessBooks({ now: timer.now, part: CAUTIOUS_PART });
  const notes = openNotes(timer.now);
  const line = openLine({ now: timer.now, ...tell }, async () => {
    await inTime(store.book([]));
    for (const verdict of notes.left()) await inTime(store.heed(verdict));
    notes.forget();
  });
  const bookOne = grouped(
    { maxSize: MAX_GROUP, maxRunning: 1 },
    async (asks: readonly Ask[]) => (await line.call(() => store.book(asks))) ?? (await own.book(asks)),
  );
  return {
    book: (asks) => Promise.all(asks.map(bookOne)),
    heed: async (verdict) => {
      // For when the others are away, too.
      await own.heed(verdict);
      const isNoted = await line.call(async () => {
        await store.heed(verdict);
        return true;
      });
      if (!isNoted) notes.keep(verdict);
    },
  };
}

interface LineOptions extends Pick<SharedOptions, 'onAway' | 'onBack'> {
  readonly now: () => number;
}

/** Knows whether the other end is there. `call` gives null while it is not, and now and then tries to `reach` it. */
function openLine({ now, onAway, onBack }: LineOptions, reach: () => Promise<void>) {
  let isAway = false;
  let isTold = false;
  let triedAt = Number.NEGATIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;
  const leave = (error: unknown) => {
    isAway = true;
    triedAt = now();
    if (isTold || now() - toldAt < TELL_EVERY_MS) return;
    isTold = true;
    toldAt = now();
    onAway(messageOf(error));
  };
  const comeBack = () => {
    isAway = false;
    if (isTold) onBack();
    isTold = false;
  };
  const hurry = () => {
    triedAt = Number.NEGATIVE_INFINITY;
  };
  const tryAgain = () => {
    if (now() - triedAt < TRY_AGAIN_MS) return;
    triedAt = now();
    void reach().then(comeBack, leave);
  };
  return {
    call: async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
      if (isAway) tryAgain();
      if (isAway) return null;
      const answer = work();
      try {
        return await inTime(answer);
      } catch (error) {
        leave(error);
        // Who answers late is there.
        answer.then(hurry, () => {});
        return null;
      }
    },
  };
}

/** Pauses that could not be noted yet, the longest of each. */
function openNotes(now: () => number) {
  const ends = new Map<string, number>();
  return {
    keep: (verdict: Verdict) => {
      if (verdict.kind === 'ease' || (ends.size >= MAX_NOTES && !ends.has(verdict.what))) return;
      ends.set(verdict.what, Math.max(now() + verdict.pauseMs, ends.get(verdict.what) ?? 0));
    },
    left: (): readonly Verdict[] =>
      [...ends].flatMap(([what, end]) => (end > now() ? [{ kind: 'pause', what, pauseMs: end - now() }] : [])),
    forget: () => ends.clear(),
  };
}

/** Rejects when it takes too long; what came while this process was busy counts as in time. */
function inTime<Result>(answer: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    const limit = setTimeout(() => setImmediate(late), PATIENCE_MS);
    answer.finally(() => clearTimeout(limit)).then(resolve, reject);
  });
}
