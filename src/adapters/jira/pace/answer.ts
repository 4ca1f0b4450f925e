import type { PauseScope } from '../../../domain/errors.ts';
import { EVERYTHING, issueNamed, type Verdict } from './books.ts';
import type { Counted } from './limits.ts';
import { leastLeft } from './quotas.ts';

/** Names in lower case; several headers of one name as a list. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
}

/** Why Jira asked for a pause, in few words, for metrics. */
export type Reason = 'burst' | 'issue' | 'quota' | 'concurrency' | 'gateway' | 'unavailable' | 'other';

/** A pause that Jira asks for. */
export interface Pause {
  readonly reason: Reason;
  readonly scope: PauseScope;
  readonly ms: number;
}

const DEFAULT_PAUSE_MS = 5_000;
/** A pause of no length would send the same request again and again, and Redis takes none. */
const MIN_PAUSE_MS = 1_000;
/** Quotas are refilled every hour; nobody asks for a longer pause in earnest. */
const HOUR_MS = 3_600_000;
/** What says for how long it is down does not know it so well. */
const MAX_OUTAGE_MS = 300_000;
/** By how much clocks may differ before we go by the other one. */
const MAX_SKEW_MS = 2_000;
/** Below this share of what Jira lets everybody send, we give way. */
const LITTLE = 0.2;

/**
 * The pause that an answer asks for, null where it asks for none. Reasons are an open list: what we do not know, and a
 * gateway that gives none, is about everything. Bodies are not looked at, they may be anything.
 */
export function pauseOf({ status, headers }: Answer, now = Date.now()): Pause | null {
  const asked = askedFor(headers, now);
  if (status === 503 && asked !== null && headers['retry-after'] !== undefined)
    return { reason: 'unavailable', scope: 'site', ms: within(asked, MAX_OUTAGE_MS) };
  if (status !== 429) return null;
  const reason = reasonOf(headers);
  // Quotas are refilled at the top of each UTC hour.
  const unasked = reason === 'quota' ? HOUR_MS - (now % HOUR_MS) : DEFAULT_PAUSE_MS;
  return { reason, scope: scopeOf(reason), ms: within(asked ?? unasked, HOUR_MS) };
}

/** What to note in the books after an answer; null where there is nothing to note. */
export function verdictOf({ endpoint, issue }: Counted, answer: Answer): Verdict | null {
  const pause = pauseOf(answer);
  if (pause !== null) {
    const { scope, ms: pauseMs } = pause;
    if (scope === 'issue' && issue !== null) return { kind: 'pause', what: issueNamed(issue), pauseMs };
    return { kind: 'pause', what: scope === 'endpoint' ? endpoint : EVERYTHING, pauseMs };
  }
  const quota = leastLeft(text(answer.headers, 'ratelimit'), text(answer.headers, 'ratelimit-policy'));
  const isNear = text(answer.headers, 'x-ratelimit-nearlimit') === 'true';
  const ofEverything = Math.min(quota ?? 1, isNear ? LITTLE / 2 : 1);
  if (ofEverything < LITTLE) return { kind: 'ease', what: EVERYTHING, share: ofEverything / LITTLE };
  const ofEndpoint = leftOf(answer.headers);
  return ofEndpoint < LITTLE ? { kind: 'ease', what: endpoint, share: ofEndpoint / LITTLE } : null;
}

/** Listed by Atlassian: the first four; seen in the field: `jira-cost-based`, `jira-max-concurrent-threads-…`. */
function reasonOf(headers: Headers): Reason {
  const reason = text(headers, 'ratelimit-reason')?.split(',')[0]?.trim() ?? '';
  if (reason === 'jira-burst-based') return 'burst';
  if (reason === 'jira-per-issue-on-write') return 'issue';
  if (reason.startsWith('jira-quota-') || reason === 'jira-cost-based') return 'quota';
  if (reason.startsWith('jira-max-concurrent-')) return 'concurrency';
  return reason === '' ? 'gateway' : 'other';
}

function scopeOf(reason: Reason): PauseScope {
  if (reason === 'burst') return 'endpoint';
  return reason === 'issue' ? 'issue' : 'site';
}

/**
 * How long to wait: `Retry-After` in seconds or as a date, else the reset time (gateways name no other), which may be
 * without seconds. Null where neither can be read.
 */
function askedFor(headers: Headers, now: number): number | null {
  // Jira's clock may differ from ours; its `Date` comes without fractions of a second.
  const dated = Date.parse(text(headers, 'date') ?? '');
  const theirNow = Math.abs(dated - now) > MAX_SKEW_MS ? dated : now;
  const waits = listOf(headers['retry-after']).flatMap((value) => {
    if (/^-?\d+(\.\d+)?$/.test(value)) return [Number(value) * 1_000];
    const until = Date.parse(value);
    return /[a-z]/i.test(value) && !Number.isNaN(until) ? [until - theirNow] : [];
  });
  if (waits.length > 0) return Math.max(...waits);
  const reset = Date.parse(text(headers, 'x-ratelimit-reset') ?? '');
  return Number.isNaN(reset) ? null : reset - theirNow;
}

function within(ms: number, max: number): number {
  return Math.min(Math.max(ms, MIN_PAUSE_MS), max);
}

/** Share of an endpoint's budget that is left, 1 where Jira does not say. */
function leftOf(headers: Headers): number {
  const remaining = numberIn(headers, 'x-ratelimit-remaining');
  const limit = numberIn(headers, 'x-ratelimit-limit');
  return remaining === null || !limit ? 1 : remaining / limit;
}

/** Null where there is no such number; `Number(null)` would be 0. */
export function numberIn(headers: Headers, name: string): number | null {
  const value = text(headers, name);
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function text(headers: Headers, name: string): string | null {
  return listOf(headers[name])[0] ?? null;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return (typeof value === 'string' ? [value] : value).map((one) => one.trim()).filter((one) => one !== '');
}
