import { setTimeout as wait } from 'node:timers/promises';
import { RateLimitedError } from '../../../domain/errors.ts';
import { type Buckets, openBuckets } from './buckets.ts';
import { type IssueWrites, openIssueWrites } from './issue-writes.ts';
import { type Counted, countedAs, type PacedRequest } from './limits.ts';
import { openPauses, type Pauses } from './pauses.ts';

/** Longer waits are the queue's business. */
const MAX_WAIT_MS = 1_000;
const EVERYTHING = 'everything';

/** A clock that never goes back, in milliseconds, and a way to wait by it. */
export interface Timer {
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface PaceOptions {
  /** Our part of what Jira lets everybody on the site send, above 0 up to 1. */
  readonly share?: number | undefined;
  readonly timer?: Timer | undefined;
}

/** Keeps us below Jira's limits before Jira has to say so; one per process and site. */
export interface Pace {
  /**
   * Waits for a request's turn and returns for how long. Throws `RateLimitedError` at once when its turn does not come
   * within a second.
   */
  admit(request: PacedRequest): Promise<number>;
  /** Draws conclusions from an answer; `pauseMs` is how long Jira asks us to wait, null unless it does. */
  heed(request: PacedRequest, answer: { readonly headers: Headers; readonly pauseMs: number | null }): void;
}

/**
 * All of Jira's limit is ours by default: its buckets refill every second, other apps seldom fill them, and where they
 * do, Jira's answers slow us down. Several replicas, or a busy neighbour, ask for a smaller share.
 */
export function openPace({ share = 1, timer = MONOTONIC }: PaceOptions = {}): Pace {
  const books = { buckets: openBuckets(), writes: openIssueWrites(), pauses: openPauses(), share, timer };
  return {
    admit: async (request) => {
      const counted = countedAs(request);
      const from = timer.now();
      do {
        const at = book(books, counted, from);
        if (at > timer.now()) await timer.sleep(at - timer.now());
        // Jira may have asked for a pause meanwhile.
      } while (books.pauses.endOf(touchedBy(counted)) > timer.now());
      return timer.now() - from;
    },
    heed: (request, { headers, pauseMs }) => {
      const counted = countedAs(request);
      if (pauseMs === null) slowDown(books, counted, headers);
      else pause(books, counted, { reason: headers.get('ratelimit-reason'), ms: pauseMs });
    },
  };
}

const MONOTONIC: Timer = {
  now: () => performance.now(),
  sleep: async (ms) => void (await wait(Math.ceil(ms))),
};

interface Books {
  readonly buckets: Buckets;
  readonly writes: IssueWrites;
  readonly pauses: Pauses;
  readonly share: number;
  readonly timer: Timer;
}

/** Takes the next free turn of a request that waits since `from`. */
function book({ buckets, writes, pauses, share, timer }: Books, counted: Counted, from: number): number {
  const now = timer.now();
  const { endpoint, issue, isWrite } = counted;
  const rate = { endpoint, perSecond: counted.perSecond * share };
  const written = isWrite ? issue : null;
  const forSite = buckets.nextAt(rate, Math.max(now, pauses.endOf([EVERYTHING, endpoint])));
  const forIssue = written === null ? 0 : writes.nextAt(written, Math.max(now, pauses.endOf([nameOf(written)])));
  const at = Math.max(forSite, forIssue);
  if (at - from > MAX_WAIT_MS)
    throw new RateLimitedError('sent now, this would pass what Jira allows', {
      retryAfterMs: at - now,
      scope: forIssue > forSite ? 'issue' : 'site',
    });
  // What waits for its issue holds nothing else up.
  buckets.take(rate, forSite);
  if (written !== null) writes.take(written, at);
  return at;
}

/** Reasons are an open list: what we do not know, and a gateway that gives none, is about everything. */
function pause({ buckets, pauses, timer }: Books, { endpoint, issue }: Counted, asked: Asked): void {
  const until = timer.now() + asked.ms;
  const what = asked.reason === 'jira-per-issue-on-write' && issue !== null ? nameOf(issue) : null;
  const isBurst = asked.reason === 'jira-burst-based';
  if (isBurst) buckets.close(endpoint, until);
  pauses.put(what ?? (isBurst ? endpoint : EVERYTHING), until, timer.now());
}

interface Asked {
  readonly reason: string | null;
  readonly ms: number;
}

function slowDown({ buckets, timer }: Books, { endpoint, perSecond }: Counted, headers: Headers): void {
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  const limit = numberIn(headers, 'x-ratelimit-limit') || perSecond;
  if (remaining !== null) buckets.tellLeft(endpoint, remaining / limit, timer.now());
  if (headers.get('x-ratelimit-nearlimit') === 'true') buckets.tellNearLimit(timer.now());
}

function touchedBy({ endpoint, issue, isWrite }: Counted): readonly string[] {
  return [EVERYTHING, endpoint, ...(issue === null || !isWrite ? [] : [nameOf(issue)])];
}

function nameOf(issue: string): string {
  return `issue ${issue}`;
}

/** Null where there is no such header; Number(null) would be 0. */
function numberIn(headers: Headers, name: string): number | null {
  const value = Number(headers.get(name) ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
