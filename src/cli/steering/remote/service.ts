import { z } from 'zod';
import type { Steering } from '../../../admin/steering.ts';
import { messageOf, PermanentError, RejectedError, TransientError } from '../../../domain/errors.ts';
import {
  Audit,
  Brakes,
  Letter,
  LetterDiscarded,
  LetterReplayed,
  Letters,
  Order,
  Outlook,
  QualityAnswer,
  Refusal,
  Released,
  Swept,
  Walk,
  Write,
} from './answers.ts';

/** A rehearsal reads a hundred tickets from Jira; nothing takes longer. */
const PATIENCE_MS = 120_000;

export interface RemoteService {
  readonly url: string;
  readonly adminToken: string;
}

/**
 * The same steering, done by a running service. Throws `TransientError` when it cannot be reached, `RejectedError` with
 * its own words when it refuses, `PermanentError` when it is no such service or does not know the token.
 */
export function remoteSteering(service: RemoteService): Steering {
  const get = <Answer>(path: string, schema: z.ZodType<Answer>) => call(service, { path }, schema);
  const post = <Answer>(path: string, body: unknown, schema: z.ZodType<Answer>) =>
    call(service, { path, body }, schema);
  return {
    rehearseUndo: (request) => post('/undo', { ...request, dryRun: true }, Outlook),
    undo: (request) => post('/undo', { ...request, dryRun: false }, Order),
    write: async (id) => {
      try {
        return await get(`/writes/${encodeURIComponent(id)}`, Write);
      } catch (error) {
        if (error instanceof RejectedError && error.status === 404) return null;
        throw error;
      }
    },
    reclassify: (request) => post('/reclassify', request, Walk),
    sweep: (request) => post('/sweep', request, Swept),
    brakes: async () => (await get('/brakes', Brakes)).brakes,
    releaseBrake: async (id, actor) =>
      (await post(`/brakes/${encodeURIComponent(id)}/release`, { actor }, Released)).released,
    deadLetters: async () => (await get('/dead-letters', Letters)).deadLetters,
    deadLetter: (id) => get(letterPath(id), Letter),
    replayDeadLetter: async (id, actor) => (await post(`${letterPath(id)}/replay`, { actor }, LetterReplayed)).outcome,
    discardDeadLetter: async (id, actor) => void (await post(`${letterPath(id)}/discard`, { actor }, LetterDiscarded)),
    audits: async () => (await get('/audit', Audit)).audit,
    quality: (days) => get(`/quality${days === null ? '' : `?days=${days}`}`, QualityAnswer),
  };
}

function letterPath(id: string): string {
  return `/dead-letters/${encodeURIComponent(id)}`;
}

interface Call {
  readonly path: string;
  /** Sent by POST; without one it is a GET. */
  readonly body?: unknown;
}

async function call<Answer>(service: RemoteService, request: Call, schema: z.ZodType<Answer>): Promise<Answer> {
  const response = await send(service, request);
  const body = parsed(await response.text());
  if (response.status === 503) throw new TransientError(`${service.url} is not ready; try again in a moment`);
  const refusal = Refusal.safeParse(body).data?.error ?? `HTTP ${response.status}`;
  if (response.status === 400 || response.status === 404) throw new RejectedError(response.status, refusal);
  if (!response.ok) throw new PermanentError(`${service.url} answers: ${refusal}`);
  const answer = schema.safeParse(body);
  if (answer.success) return answer.data;
  throw new PermanentError(`${service.url} does not answer as this version does: ${z.prettifyError(answer.error)}`);
}

async function send({ url, adminToken }: RemoteService, { path, body }: Call): Promise<Response> {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  const sent = body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) };
  try {
    // A redirect would take the token elsewhere.
    return await fetch(`${url.replace(/\/+$/, '')}/admin${path}`, {
      ...sent,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    throw new TransientError(`${url} cannot be reached: ${causeOf(cause)}`, { cause });
  }
}

/** fetch says only that it failed; what failed is underneath. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : messageOf(error);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No service of ours; the caller tells by the shape.
    return null;
  }
}
