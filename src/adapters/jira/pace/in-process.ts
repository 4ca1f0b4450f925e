import { type Ask, type Books, EVERYTHING, issueNamed, type Turn, type Verdict } from './books.ts';
import { ALLOWANCE_MS, eased, FULL_SPEED, type Speed, slowedDown, speedAt, WINDOWS } from './speed.ts';

/** Beyond that, what has nothing left to remember is forgotten. */
const MANY = 5_000;
/** So many are left then, for going through all of them costs. */
const FEWER = 4_000;
const LONG_AGO = Number.NEGATIVE_INFINITY;
const LONGEST_MS = Math.max(...WINDOWS.map(({ ms }) => ms));
const MOST_WRITES = Math.max(...WINDOWS.map(({ limit }) => limit));

interface Meter {
  /** When the next request would be due without any allowance. */
  due: number;
  pausedUntil: number;
  speed: Speed;
  /** When an issue was written to lately, oldest first. */
  writes: readonly number[];
}

export interface OwnBooks {
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number;
  /** The part of every limit that is ours, above 0 up to 1. */
  readonly part?: number;
}

/** The books of a process that has the site for itself, or its part of it. */
export function inProcessBooks({ now, part = 1 }: OwnBooks): Books & { readonly size: () => number } {
  const meters = new Map<string, Meter>();
  const meterOf = (name: string): Meter => {
    const meter = meters.get(name) ?? { due: LONG_AGO, pausedUntil: LONG_AGO, speed: FULL_SPEED, writes: [] };
    meters.set(name, meter);
    return meter;
  };
  return {
    book: async (asks) => {
      const at = now();
      if (meters.size > MANY) forget(meters, at);
      return asks.map((ask) => turnOf(ask, { at, part, meterOf }));
    },
    heed: async (verdict) => {
      if (meters.size > MANY) forget(meters, now());
      heed(meterOf(verdict.what), verdict, now());
    },
    size: () => meters.size,
  };
}

interface Desk {
  readonly at: number;
  readonly part: number;
  readonly meterOf: (name: string) => Meter;
}

/** Generic cell rate algorithm (ITU-T I.371), a token bucket that needs one number; and sliding windows for issues. */
function turnOf(ask: Ask, { at, part, meterOf }: Desk): Turn {
  const everything = meterOf(EVERYTHING);
  const endpoint = meterOf(ask.endpoint);
  const issue = ask.issue === null ? null : meterOf(issueNamed(ask.issue));
  const pausedUntil = Math.max(everything.pausedUntil, endpoint.pausedUntil);
  if (ask.isDue && Math.max(pausedUntil, issue?.pausedUntil ?? 0) <= at) return { waitMs: 0, scope: 'endpoint' };
  const forSite = Math.max(at, pausedUntil, endpoint.due - ALLOWANCE_MS);
  const forIssue = issue === null ? 0 : nextWrite(issue, at, part);
  const turnAt = Math.max(forSite, forIssue);
  const isOfSite = everything.pausedUntil >= turnAt && everything.pausedUntil > at;
  const scope = isOfSite ? 'site' : forIssue > forSite ? 'issue' : 'endpoint';
  if (turnAt - at > ask.maxWaitMs) return { waitMs: turnAt - at, scope };
  const share = Math.min(speedAt(everything.speed, forSite), speedAt(endpoint.speed, forSite));
  // What waits for its issue holds nothing else up; after a pause not all go at once.
  endpoint.due = Math.max(endpoint.due, forSite, pausedUntil + ALLOWANCE_MS) + 1_000 / (ask.perSecond * part * share);
  if (issue) issue.writes = [...issue.writes, turnAt].slice(-MOST_WRITES);
  return { waitMs: turnAt - at, scope };
}

/** The writes to an issue go in the order in which they were booked. */
function nextWrite({ writes, pausedUntil }: Meter, at: number, part: number): number {
  const ends = WINDOWS.map(({ limit, ms }) => (writes.at(-Math.max(1, Math.floor(limit * part))) ?? -ms) + ms);
  return Math.max(at, pausedUntil, writes.at(-1) ?? 0, ...ends);
}

function heed(meter: Meter, verdict: Verdict, now: number): void {
  if (verdict.kind === 'ease') {
    meter.speed = eased(meter.speed, now, verdict.share);
    return;
  }
  const until = Math.max(meter.pausedUntil, now + verdict.pauseMs);
  // Many answers that tell of one pause are one reason to slow down.
  meter.speed = meter.pausedUntil > now ? { ...meter.speed, since: until } : slowedDown(meter.speed, { now, until });
  meter.pausedUntil = until;
}

function forget(meters: Map<string, Meter>, now: number): void {
  for (const [name, { due, pausedUntil, speed, writes }] of meters)
    if (due <= now && pausedUntil <= now && speedAt(speed, now) === 1 && (writes.at(-1) ?? 0) <= now - LONGEST_MS)
      meters.delete(name);
  // Memory is bounded all the same, and Jira says so where an issue is forgotten too early.
  for (const name of meters.keys()) if (meters.size > FEWER && name.startsWith(issueNamed(''))) meters.delete(name);
}
