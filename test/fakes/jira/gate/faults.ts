import { rateLimited } from './limits.ts';
import { errorBody } from './reply.ts';
import { matches } from './requests.ts';

export interface FaultMatch {
  readonly method?: string | undefined;
  /** A part of the path, or a pattern. */
  readonly path?: RegExp | string | undefined;
}

/** What goes wrong, for which requests, how often. */
export interface FaultDraft {
  readonly match?: FaultMatch | undefined;
  /** How many requests it hits; 1 unless said. */
  readonly times?: number | undefined;
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** Answers this text as `text/html`. */
  readonly html?: string | undefined;
  /** Waits before answering; with `status` unset the true answer follows. */
  readonly hangMs?: number | undefined;
  /** Cuts the connection: before any byte, or in the middle of the true answer. */
  readonly cut?: 'reset' | 'truncate' | undefined;
  /** Does the work first, so that only the answer is lost. */
  readonly applied?: boolean | undefined;
}

export interface Fault extends FaultDraft {
  left: number;
  hits: number;
}

type Scope = Pick<FaultDraft, 'match' | 'times' | 'applied'>;

/** Where tests put faults; each method returns the fault, whose `hits` counts. */
export interface FaultBox {
  next(draft: FaultDraft): Fault;
  burst(scope?: Scope & { retryAfterSeconds?: number }): Fault;
  perIssue(scope?: Scope & { retryAfterSeconds?: number }): Fault;
  quota(scope?: Scope & { retryAfterSeconds?: number; reason?: string }): Fault;
  /** A 429 of the gateway: no Retry-After, no JSON. */
  gateway(scope?: Scope): Fault;
  unavailable(scope?: Scope & { retryAfterSeconds?: number }): Fault;
  conflict(scope?: Scope): Fault;
  hang(ms: number, scope?: Scope): Fault;
  /** 200 with a login page instead of JSON. */
  loginPage(scope?: Scope): Fault;
  truncated(scope?: Scope): Fault;
  reset(scope?: Scope): Fault;
  /** From now on this share of matching requests fails, the same ones for the same seed. */
  randomErrors(draft: {
    share: number;
    seed: number;
    statuses?: readonly number[];
    match?: FaultMatch;
    applied?: boolean;
  }): void;
  /**
   * Asked about every request before anything else, on arrival; what it returns happens. For tests that count for
   * themselves: `clear` leaves it.
   */
  steer(by: Steer): void;
  clear(): void;
  draw(request: { method: string; path: string }): FaultDraft | undefined;
}

export type Steer = (request: { readonly method: string; readonly path: string }) => FaultDraft | undefined;

interface Random {
  readonly share: number;
  readonly statuses: readonly number[];
  readonly match: FaultMatch;
  readonly applied: boolean;
  readonly roll: () => number;
}

export function openFaults(now: () => number): FaultBox {
  const faults: Fault[] = [];
  const randoms: Random[] = [];
  const steers: Steer[] = [];
  const next = (draft: FaultDraft): Fault => {
    const fault = { ...draft, left: draft.times ?? 1, hits: 0 };
    faults.push(fault);
    return fault;
  };
  const limited = (scope: Scope, reason: string, seconds: number) =>
    next({ ...scope, ...rateLimited(reason, seconds, now()) });
  return {
    next,
    burst: (scope = {}) => limited(scope, 'jira-burst-based', scope.retryAfterSeconds ?? 1),
    perIssue: (scope = {}) => limited(scope, 'jira-per-issue-on-write', scope.retryAfterSeconds ?? 2),
    quota: (scope = {}) =>
      limited(scope, scope.reason ?? 'jira-quota-global-based', scope.retryAfterSeconds ?? toNextHour(now())),
    gateway: (scope = {}) => next({ ...scope, ...gatewayLimit(now()) }),
    unavailable: (scope = {}) => next({ ...scope, ...unavailable(scope.retryAfterSeconds) }),
    conflict: (scope = {}) =>
      next({ ...scope, status: 409, body: errorBody(['Issue was changed by another update.']) }),
    hang: (ms, scope = {}) => next({ ...scope, hangMs: ms }),
    loginPage: (scope = {}) => next({ ...scope, status: 200, html: page('Log in with Atlassian account') }),
    truncated: (scope = {}) => next({ ...scope, cut: 'truncate', applied: true }),
    reset: (scope = {}) => next({ ...scope, cut: 'reset' }),
    randomErrors: ({ share, seed, statuses = [500, 502, 503, 504, 429], match = {}, applied = false }) => {
      randoms.push({ share, statuses, match, applied, roll: generator(seed) });
    },
    steer: (by) => void steers.push(by),
    clear: () => {
      faults.length = 0;
      randoms.length = 0;
    },
    draw: (request) => {
      // Each of them is asked, for each of them counts.
      const steered = steers.map((by) => by(request)).find((fault) => fault !== undefined);
      return steered ?? scripted(faults, request) ?? rolled(randoms, request, now());
    },
  };
}

function scripted(faults: readonly Fault[], request: { method: string; path: string }): FaultDraft | undefined {
  const fault = faults.find((candidate) => candidate.left > 0 && matches(request, candidate.match ?? {}));
  if (!fault) return undefined;
  fault.left -= 1;
  fault.hits += 1;
  return fault;
}

function rolled(
  randoms: readonly Random[],
  request: { method: string; path: string },
  now: number,
): FaultDraft | undefined {
  for (const random of randoms) {
    if (!matches(request, random.match) || random.roll() >= random.share) continue;
    const status = random.statuses[Math.floor(random.roll() * random.statuses.length)] ?? 500;
    const reply = status === 429 ? rateLimited('jira-burst-based', 1, now) : { status, html: page(`Error ${status}`) };
    return { ...reply, applied: random.applied };
  }
  return undefined;
}

function gatewayLimit(now: number): FaultDraft {
  const headers = {
    'X-Failure-Category': 'FAILURE CLIENT RATE LIMITED',
    'X-RateLimit-Reset': new Date(now + 1000).toISOString(),
  };
  return { status: 429, headers, html: page('Too many requests') };
}

function unavailable(retryAfterSeconds: number | undefined): FaultDraft {
  const headers = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  return { status: 503, headers, html: page('Service unavailable') };
}

function page(title: string): string {
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
}

function toNextHour(now: number): number {
  return Math.ceil((3_600_000 - (now % 3_600_000)) / 1000);
}

/** A small seeded generator (mulberry32), so that a failing run can be had again. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
