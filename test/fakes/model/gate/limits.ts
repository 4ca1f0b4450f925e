import { Refusal } from './fault.ts';
import type { Profile } from './profiles.ts';
import { rateLimited } from './refusals.ts';

export interface LimitOptions {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
}

/** Two buckets that refill all the time, as OpenAI's do. Unset: generous and never empty. */
export interface Limits {
  /** Takes one request and its tokens, or says why not. */
  take(tokens: number): Refusal | null;
  /** `x-ratelimit-…`, as sent with every answer. */
  headers(): Readonly<Record<string, string>>;
}

const MINUTE = 60_000;
const GENEROUS = { requests: 10_000, tokens: 2_000_000 };

export function openLimits(profile: Profile, options: LimitOptions, now: () => number): Limits {
  const requests = openBucket(options.requestsPerMinute, GENEROUS.requests, now);
  const tokens = openBucket(options.tokensPerMinute, GENEROUS.tokens, now);
  const refusal = (waitMs: number, by: string) => {
    const waiting = { retryAfterSeconds: Math.ceil(waitMs / 1000), retryAfterMs: Math.ceil(waitMs), by };
    return new Refusal(rateLimited(profile, waiting));
  };
  return {
    take: (count) => {
      const [byRequests, byTokens] = [requests.waitMs(1), tokens.waitMs(count)];
      if (byRequests > 0) return refusal(byRequests, 'requests');
      if (byTokens > 0) return refusal(byTokens, 'tokens');
      requests.take(1);
      tokens.take(count);
      return null;
    },
    headers: () => ({ ...requests.headers('requests'), ...tokens.headers('tokens') }),
  };
}

function openBucket(perMinute: number | undefined, shown: number, now: () => number) {
  const limit = perMinute ?? shown;
  let [left, at] = [limit, now()];
  const refill = () => {
    const time = now();
    left = Math.min(limit, left + ((time - at) * limit) / MINUTE);
    at = time;
  };
  return {
    waitMs: (count: number) => {
      refill();
      if (perMinute === undefined || left >= Math.min(count, limit)) return 0;
      return ((Math.min(count, limit) - left) * MINUTE) / limit;
    },
    take: (count: number) => {
      left = Math.max(0, left - count);
    },
    headers: (what: string) => {
      refill();
      return {
        [`x-ratelimit-limit-${what}`]: String(limit),
        [`x-ratelimit-remaining-${what}`]: String(Math.floor(left)),
        [`x-ratelimit-reset-${what}`]: goDuration(((limit - left) * MINUTE) / limit),
      };
    },
  };
}

/** As OpenAI writes times: `120ms`, `1.5s`, `6m0s`, `1h0m12s`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < MINUTE) return `${Math.round(ms) / 1000}s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours > 0 ? `${hours}h` : ''}${minutes}m${seconds % 60}s`;
}
