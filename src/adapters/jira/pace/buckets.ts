/** How much may go at once after a pause, in milliseconds of the rate: a fifth of a second's requests. */
const ALLOWANCE_MS = 200;
/** Below this share of what Jira lets everybody send, we give way. */
const LITTLE = 0.2;
const SLOWEST = 0.1;
/** So long we go slowly after Jira said that little is left. */
const SLOW_MS = 10_000;

interface Bucket {
  /** When the next request would be due without any allowance. */
  dueAt: number;
  slow: Slow;
}

interface Slow {
  readonly factor: number;
  readonly until: number;
}

const FULL_SPEED: Slow = { factor: 1, until: 0 };

export interface Rate {
  readonly endpoint: string;
  readonly perSecond: number;
}

/** One bucket for each endpoint, and how slowly everything goes. Times are milliseconds of one clock. */
export interface Buckets {
  /** When the next request may go there, not before `from`. */
  nextAt(rate: Rate, from: number): number;
  /** A request goes then. */
  take(rate: Rate, at: number): void;
  /** Nothing goes there before that, and not all at once afterwards. */
  close(endpoint: string, until: number): void;
  /** So much of an endpoint's budget is left, 0 to 1. */
  tellLeft(endpoint: string, left: number, now: number): void;
  /** The quota for everything is nearly used up. */
  tellNearLimit(now: number): void;
}

/** Generic cell rate algorithm (ITU-T I.371): a token bucket that needs one number. */
export function openBuckets(): Buckets {
  const buckets = new Map<string, Bucket>();
  let everything = FULL_SPEED;
  const bucketOf = (endpoint: string): Bucket => {
    const known = buckets.get(endpoint) ?? { dueAt: 0, slow: FULL_SPEED };
    buckets.set(endpoint, known);
    return known;
  };
  return {
    nextAt: ({ endpoint }, from) => Math.max(from, bucketOf(endpoint).dueAt - ALLOWANCE_MS),
    take: ({ endpoint, perSecond }, at) => {
      const bucket = bucketOf(endpoint);
      const factor = Math.min(factorAt(bucket.slow, at), factorAt(everything, at));
      bucket.dueAt = Math.max(bucket.dueAt, at) + 1000 / (perSecond * factor);
    },
    close: (endpoint, until) => {
      const bucket = bucketOf(endpoint);
      bucket.dueAt = Math.max(bucket.dueAt, until + ALLOWANCE_MS);
    },
    tellLeft: (endpoint, left, now) => {
      bucketOf(endpoint).slow =
        left < LITTLE ? { factor: Math.max(SLOWEST, left / LITTLE), until: now + SLOW_MS } : FULL_SPEED;
    },
    tellNearLimit: (now) => {
      everything = { factor: 0.5, until: now + SLOW_MS };
    },
  };
}

function factorAt({ factor, until }: Slow, at: number): number {
  return at < until ? factor : 1;
}
