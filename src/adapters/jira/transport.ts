import type { Client, SendRequestOptions } from 'jira.js/core';
import { z } from 'zod';
import { PermanentError, RateLimitedError, TransientError } from '../../domain/errors.ts';
import { numberIn, type Pause, pauseOf, type Reason } from './pace/answer.ts';
import { openPace, type Pace } from './pace/pace.ts';
import { openWire, type WireAnswer, type WireRequest } from './wire.ts';

export interface JiraAccess {
  /** `https://acme.atlassian.net`, or `https://api.atlassian.com/ex/jira/{cloudId}` for scoped tokens. */
  readonly url: string;
  readonly email: string;
  readonly apiToken: string;
  /** Our part of Jira's rate limits, above 0 up to 1; all of them when absent. */
  readonly rateShare?: number;
}

/** One request and its answer, for metrics and traces; `remaining` is Jira's rate-limit budget where it tells it. */
export interface Exchange {
  readonly method: string;
  /** Without query; with the ids or keys that it names. */
  readonly path: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly ms: number;
  /** How long it waited for its turn before it was sent. */
  readonly waitedMs: number;
  readonly remaining: number | null;
  /** Why Jira asked for a pause; null unless it did. */
  readonly throttled: Reason | null;
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
  override get safeMessage(): string {
    return `Jira answered ${this.status}`;
  }
}

/** 401 or 403: an operator mends them, and no ticket is lost meanwhile. */
export class JiraDenied extends TransientError {}

/** @NOTE jira.js takes every answer for what it should be; what our code reads is parsed where it is read. */
const Unchecked = z.any();

/** Statuses that may pass. */
const PASSING = new Set([408, 409, 425, 500, 502, 503, 504]);

export interface Transport extends Client {
  /** The same, for requests that ask whether they may still go when their turn has come; a throw ends them. */
  after(goAhead: () => Promise<void>): Client;
}

/**
 * The object jira.js sends its requests through. jira.js 6 itself has no time-out, drops rate-limit headers, retries
 * POST when told to retry, and takes an HTML login page for success; this one does none of that, keeps below Jira's
 * limits and never retries, because the queue does.
 */
export function openTransport(
  access: JiraAccess,
  observe: (exchange: Exchange) => void,
  pace: Pace = openPace({ share: access.rateShare }),
): Transport {
  const wire = openWire(new URL(access.url).origin);
  const standing = {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(`${access.email}:${access.apiToken}`).toString('base64')}`,
    'user-agent': 'jira-triage',
  };
  const exchange = async <T>(options: SendRequestOptions<T>, goAhead?: () => Promise<void>): Promise<T> => {
    const request = { method: options.method ?? 'GET', path: options.url };
    const waitedMs = await pace.admit(request);
    await goAhead?.();
    const startedAt = performance.now();
    const told = (status: number) => ({ ...request, status, ms: performance.now() - startedAt, waitedMs });
    const answer = await wire(written(access.url, options, standing)).catch((error: unknown) => {
      observe({ ...told(0), remaining: null, throttled: null });
      throw error;
    });
    const pause = pauseOf(answer);
    const remaining = numberIn(answer.headers, 'x-ratelimit-remaining');
    observe({ ...told(answer.status), remaining, throttled: pause?.reason ?? null });
    await pace.heed(request, answer);
    if (answer.status < 200 || answer.status >= 300) throw errorOf(answer, pause);
    return Unchecked.parse(parseBody(answer));
  };
  return {
    sendRequest: (options) => exchange(options),
    after: (goAhead) => ({ sendRequest: (options) => exchange(options, goAhead) }),
  };
}

/** As it goes over the wire; whatever stands in a path cannot lead to another host. */
function written(
  url: string,
  { method = 'GET', url: path, searchParams = {}, body }: SendRequestOptions<unknown>,
  standing: Readonly<Record<string, string>>,
): WireRequest {
  const target = new URL(url + path);
  for (const [name, value] of Object.entries(searchParams)) {
    for (const item of Array.isArray(value) ? value : [value])
      if (item !== undefined && item !== null) target.searchParams.append(name, String(item));
  }
  const common = { method, path: target.pathname + target.search };
  if (body === undefined) return { ...common, headers: standing, body: null };
  return { ...common, headers: { ...standing, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function parseBody({ status, text }: WireAnswer): unknown {
  if (status === 204) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransientError(`Jira answered ${status} with something that is not JSON (login or maintenance page?)`, {
      cause,
    });
  }
}

function errorOf({ status, text }: WireAnswer, pause: Pause | null): Error {
  if (pause !== null)
    return new RateLimitedError('Jira asks us to slow down', { retryAfterMs: pause.ms, scope: pause.scope });
  if (status === 401) return new JiraDenied('Jira does not accept JIRA_EMAIL and JIRA_API_TOKEN (401)');
  if (status === 403) return new JiraDenied('Jira answered 403');
  if (status < 400) return new TransientError(`Jira answered ${status} and leads elsewhere; look at JIRA_URL`);
  if (PASSING.has(status)) return new TransientError(`Jira answered ${status}`);
  return new JiraRefusal(status, detailsOf(text));
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
