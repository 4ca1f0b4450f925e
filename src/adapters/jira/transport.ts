import type { Client, SendRequestOptions } from 'jira.js/core';
import { z } from 'zod';
import { PermanentError, RateLimitedError, TransientError } from '../../domain/errors.ts';
import { openPace, type Pace } from './pace/pace.ts';

export interface JiraAccess {
  /** `https://acme.atlassian.net`, or `https://api.atlassian.com/ex/jira/{cloudId}` for scoped tokens. */
  readonly url: string;
  readonly email: string;
  readonly apiToken: string;
  /** Our part of Jira's rate limits, above 0 up to 1; all of them when absent. */
  readonly rateShare?: number;
}

/** One answer of Jira, for metrics; `remaining` is Jira's rate-limit budget where it tells it. */
export interface Exchange {
  readonly method: string;
  readonly status: number;
  readonly ms: number;
  /** How long it waited for its turn before it was sent. */
  readonly waitedMs: number;
  readonly remaining: number | null;
}

/** A 4xx that retrying will not change. `details` are Jira's own words, which never hold ticket text of ours. */
export class JiraRefusal extends PermanentError {
  readonly status: number;
  readonly details: string;
  constructor(status: number, details: string) {
    super(`Jira answered ${status}: ${details}`);
    this.status = status;
    this.details = details;
  }
}

/** 401 or 403: an operator mends them, and no ticket is lost meanwhile. */
export class JiraDenied extends TransientError {}

const TIMEOUT_MS = 15_000;
const DEFAULT_PAUSE_MS = 5_000;
/** A pause of no length would send the same request again and again, and Redis takes none. */
const MIN_PAUSE_MS = 1_000;
/** Quotas are refilled every hour; nobody asks for a longer pause in earnest. */
const MAX_PAUSE_MS = 3_600_000;
/** Statuses that may pass. */
const PASSING = new Set([408, 409, 425, 500, 502, 503, 504]);

/**
 * The object jira.js sends its requests through. jira.js 6 itself has no time-out, drops rate-limit headers, retries
 * POST when told to retry, and takes an HTML login page for success; this one does none of that, keeps below Jira's
 * limits and never retries, because the queue does.
 */
export function openTransport(
  access: JiraAccess,
  observe: (exchange: Exchange) => void,
  pace: Pace = openPace({ share: access.rateShare }),
): Client {
  const authorization = `Basic ${Buffer.from(`${access.email}:${access.apiToken}`).toString('base64')}`;
  return {
    sendRequest: async <T>(options: SendRequestOptions<T>): Promise<T> => {
      const request = { method: options.method ?? 'GET', path: options.url };
      const waitedMs = await pace.admit(request);
      const startedAt = performance.now();
      const response = await send(access.url, options, authorization);
      pace.heed(request, {
        headers: response.headers,
        pauseMs: response.status === 429 ? pauseOf(response.headers) : null,
      });
      const text = await readBody(response);
      observe({
        method: request.method,
        status: response.status,
        ms: performance.now() - startedAt,
        waitedMs,
        remaining: numberOrNull(response.headers.get('x-ratelimit-remaining')),
      });
      if (!response.ok) throw errorOf(response, text);
      // @NOTE jira.js leaves its type unchecked here; what our code reads is parsed in issue-schema.ts.
      return z.custom<T>().parse(parseBody(response, text));
    },
  };
}

async function send(url: string, options: SendRequestOptions<unknown>, authorization: string): Promise<Response> {
  const target = new URL(url + options.url);
  for (const [name, value] of Object.entries(options.searchParams ?? {})) {
    for (const item of Array.isArray(value) ? value : [value])
      if (item !== undefined && item !== null) target.searchParams.append(name, String(item));
  }
  try {
    return await fetch(target, {
      method: options.method ?? 'GET',
      headers: {
        Accept: 'application/json',
        Authorization: authorization,
        'User-Agent': 'jira-triage',
        ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new TransientError('Jira cannot be reached', { cause });
  }
}

async function readBody(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new TransientError('Jira broke off in the middle of an answer', { cause });
  }
}

function parseBody(response: Response, text: string): unknown {
  if (response.status === 204) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransientError(
      `Jira answered ${response.status} with something that is not JSON (login or maintenance page?)`,
      { cause },
    );
  }
}

function errorOf(response: Response, text: string): Error {
  const { status, headers } = response;
  if (status === 429) {
    const scope = headers.get('ratelimit-reason') === 'jira-per-issue-on-write' ? 'issue' : 'site';
    return new RateLimitedError('Jira asks us to slow down', { retryAfterMs: pauseOf(headers), scope });
  }
  if (status === 401) return new JiraDenied('Jira does not accept JIRA_EMAIL and JIRA_API_TOKEN (401)');
  if (status === 403) return new JiraDenied('Jira answered 403');
  if (PASSING.has(status)) return new TransientError(`Jira answered ${status}`);
  return new JiraRefusal(status, detailsOf(text));
}

/** `Retry-After` in seconds, else the reset time, else a guess; gateway 429s carry neither. */
function pauseOf(headers: Headers): number {
  const seconds = numberOrNull(headers.get('retry-after'));
  const reset = Date.parse(headers.get('x-ratelimit-reset') ?? '');
  if (seconds === null && Number.isNaN(reset)) return DEFAULT_PAUSE_MS;
  const pauseMs = seconds === null ? reset - Date.now() : seconds * 1000;
  return Math.min(Math.max(pauseMs, MIN_PAUSE_MS), MAX_PAUSE_MS);
}

const ErrorBody = z.looseObject({
  errorMessages: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.string()).optional(),
  errorMessage: z.string().optional(),
  detail: z.string().optional(),
});

function detailsOf(text: string): string {
  try {
    const { errorMessages = [], errors = {}, errorMessage, detail } = ErrorBody.parse(JSON.parse(text));
    const parts = [
      ...errorMessages,
      ...Object.entries(errors).map(([field, why]) => `${field}: ${why}`),
      ...(errorMessage ? [errorMessage] : []),
      ...(detail ? [detail] : []),
    ];
    return parts.join('; ').slice(0, 500) || 'no reason given';
  } catch {
    // An HTML body says nothing we could use.
    return 'no readable reason';
  }
}

function numberOrNull(header: string | null): number | null {
  const value = Number(header ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}
