import type { Reply } from './reply.ts';
import { errorBody } from './reply.ts';

interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/** Jira's own brakes: writes per issue, and requests a second per endpoint. */
export interface IssueLimiter {
  /** Counts a write to the issue, or says how long to wait. */
  write(issueId: string, now: number): Reply | undefined;
  request(endpoint: string, now: number): Reply | undefined;
}

export function openLimiter(
  perIssue: readonly Rate[],
  burstPerSecond: number | Readonly<Record<string, number>> | undefined,
): IssueLimiter {
  const writes = new Map<string, number[]>();
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    write: (issueId, now) => {
      const longest = Math.max(0, ...perIssue.map((rate) => rate.windowMs));
      const recent = (writes.get(issueId) ?? []).filter((at) => at > now - longest);
      const waits = perIssue.map((rate) => waitOf(recent, rate, now));
      const waitMs = Math.max(0, ...waits);
      if (waitMs === 0) recent.push(now);
      writes.set(issueId, recent);
      return waitMs === 0 ? undefined : rateLimited('jira-per-issue-on-write', Math.ceil(waitMs / 1000), now);
    },
    request: (endpoint, now) => {
      const rate = typeof burstPerSecond === 'object' ? burstPerSecond[endpoint.replace(/ .*/, '')] : burstPerSecond;
      if (rate === undefined) return undefined;
      const bucket = buckets.get(endpoint) ?? { tokens: rate, at: now };
      const tokens = Math.min(rate, bucket.tokens + ((now - bucket.at) / 1000) * rate);
      buckets.set(endpoint, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
      return tokens >= 1 ? undefined : rateLimited('jira-burst-based', 1, now);
    },
  };
}

function waitOf(recent: readonly number[], rate: Rate, now: number): number {
  const within = recent.filter((at) => at > now - rate.windowMs);
  const oldest = within[within.length - rate.limit];
  return oldest === undefined ? 0 : oldest + rate.windowMs - now;
}

/** The 429 of Jira itself, which says why and until when. */
export function rateLimited(reason: string, retryAfterSeconds: number, now: number): Reply {
  const headers = {
    'Retry-After': String(retryAfterSeconds),
    'X-RateLimit-Limit': '350',
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': new Date(now + retryAfterSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    'RateLimit-Reason': reason,
  };
  return { status: 429, body: errorBody(['Rate limit exceeded.']), headers };
}
