import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { RejectedError, TransientError } from '../domain/errors.ts';
import type { Logger } from '../telemetry/log.ts';

/** Spread, so that those who were sent away do not all come back together. */
const RETRY_AFTER_S = { from: 10, spread: 20 };

/** Not through express: its `json` costs a twentieth of a whole request. With its length it goes out in one piece. */
export function answer(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** 503: nothing was recorded, and it is welcome again in a while. */
export function answerLater(response: ServerResponse): void {
  const { from, spread } = RETRY_AFTER_S;
  response.setHeader('retry-after', String(from + Math.floor(Math.random() * (spread + 1))));
  answer(response, 503, { error: 'not accepted, please send it again' });
}

/** body-parser's errors carry an HTTP status; zod is all we need to read it. */
const HttpError = z.looseObject({ status: z.int().min(400).max(499), message: z.string() });

/** Turns an error into an answer, never with a stack. Returns why, for the counter of what was turned away. */
export function answerError(
  error: unknown,
  { response, path, log }: { readonly response: ServerResponse; readonly path: string; readonly log: Logger },
): string {
  if (error instanceof RejectedError) {
    answer(response, error.status, { error: error.message });
    return error.status === 400 ? 'unreadable' : String(error.status);
  }
  if (error instanceof TransientError) {
    log.warn({ err: error, path, requestId: named(response) }, 'answered 503');
    answerLater(response);
    return 'unavailable';
  }
  const http = HttpError.safeParse(error);
  if (http.success) {
    answer(response, http.data.status, { error: http.data.message });
    return String(http.data.status);
  }
  log.error({ err: error, path, requestId: named(response) }, 'a bug answered 500');
  answer(response, 500, { error: 'internal error' });
  return 'bug';
}

/** Gives an answer a name by which its sender and our log can be held together. */
function named(response: ServerResponse): string {
  const requestId = randomUUID();
  response.setHeader('x-request-id', requestId);
  return requestId;
}
