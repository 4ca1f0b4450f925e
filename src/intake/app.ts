import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import type { Door } from '../domain/decision/delivery.ts';
import { messageOf, RejectedError, TransientError } from '../domain/errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Ears, hearAutomation, hearWebhook } from './event.ts';
import type { Receive } from './receive.ts';
import { contentHash, hasSignature, isSecret, isSigned } from './signature.ts';

export interface IntakeParts {
  readonly receive: Receive;
  readonly ears: () => Ears;
  readonly site: string;
  readonly secrets: { readonly webhook: readonly string[]; readonly automation: string | null };
  /** One check per dependency; a check throws when the dependency is not usable. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
  /** Brings gauges up to date before they are read. */
  readonly observe: () => Promise<void>;
  readonly admin: Router;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Jira sends at most 25 MB. */
const BODY_LIMIT = '25mb';

/** Jira gives up after 20 s and holds one of its 20 slots until then; we say "later" long before. */
const DEADLINE_MS = 2_000;
const RETRY_AFTER_S = 10;

/** The HTTP surface: two signed doors for deliveries, the admin routes, health and metrics. */
export function createApp(parts: IntakeParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const rawBody = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false });

  const mayBeSigned = (request: Request, response: Response, next: NextFunction) => {
    if (hasSignature(request.get('x-hub-signature'))) next();
    else deny(parts, response, 'webhook');
  };
  app.post('/webhooks/jira', mayBeSigned, rawBody, async (request, response) => {
    const body = bodyOf(request);
    if (!isSigned(body, request.get('x-hub-signature'), parts.secrets.webhook)) return deny(parts, response, 'webhook');
    const heard = hearWebhook(body, parts.ears());
    const identifier = request.get('x-atlassian-webhook-identifier')?.slice(0, 200) ?? null;
    await accept(parts, response, { door: 'webhook', identifier, body, heard });
  });

  const knowsAutomationSecret = (request: Request, response: Response, next: NextFunction) => {
    if (isSecret(request.get('x-triage-secret'), parts.secrets.automation)) next();
    else deny(parts, response, 'automation');
  };
  app.post('/webhooks/automation', knowsAutomationSecret, rawBody, async (request, response) => {
    const body = bodyOf(request);
    await accept(parts, response, {
      door: 'automation',
      identifier: null,
      body,
      heard: hearAutomation(body, parts.ears()),
    });
  });

  app.use(helmet());
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    const failing = await failingChecks(parts);
    response
      .status(failing.length === 0 ? 200 : 503)
      .json({ status: failing.length === 0 ? 'ready' : 'not ready', failing });
  });
  app.get('/metrics', async (_request, response) => {
    await parts.observe().catch((error: unknown) => parts.log.warn({ err: error }, 'gauges are not up to date'));
    response.type(parts.metrics.registry.contentType).send(await parts.metrics.registry.metrics());
  });
  app.use('/admin', parts.admin);
  app.use((_request, response) => void response.status(404).json({ error: 'no such page' }));
  // biome-ignore lint/complexity/useMaxParams: express tells error handlers by their four parameters
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else answerError(parts, error, { request, response });
  });
  return app;
}

interface Arrival {
  readonly door: Door;
  readonly identifier: string | null;
  readonly body: Uint8Array;
  readonly heard: ReturnType<typeof hearWebhook>;
}

async function accept(
  parts: IntakeParts,
  response: Response,
  { door, identifier, body, heard }: Arrival,
): Promise<void> {
  const stop = parts.metrics.intakeSeconds.startTimer();
  const delivery = { site: parts.site, door, identifier, contentHash: contentHash(body), ...heard };
  const receipt = await beforeDeadline(parts.receive(delivery));
  stop();
  parts.metrics.deliveries.inc({ door, result: receipt.status });
  const ignored = heard.plan.kind === 'ignore' ? { ignored: heard.plan.reason } : {};
  // Not through express: its `json` costs a twentieth of the whole request.
  response.writeHead(202, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ delivery: receipt.id, status: receipt.status, ...ignored }));
}

async function beforeDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TransientError(`not durable within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function bodyOf(request: Request): Uint8Array {
  const body: unknown = request.body;
  // express leaves an empty object where there was no body at all
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function deny(parts: IntakeParts, response: Response, door: Door): void {
  parts.metrics.rejected.inc({ door, why: 'unsigned' });
  const error = door === 'webhook' ? 'missing or wrong X-Hub-Signature' : 'missing or wrong X-Triage-Secret';
  response.status(401).json({ error });
}

/** The names of the dependencies that are not usable; why goes to the log and not to whoever asks. */
async function failingChecks({ readiness, log }: IntakeParts): Promise<string[]> {
  const results = await Promise.all(
    Object.entries(readiness).map(async ([name, check]) => {
      try {
        await beforeDeadline(check());
        return [];
      } catch (error) {
        log.warn({ name, why: messageOf(error) }, 'not ready');
        return [name];
      }
    }),
  );
  return results.flat();
}

/** body-parser's errors carry an HTTP status; zod is all we need to read it. */
const HttpError = z.looseObject({ status: z.int().min(400).max(499), message: z.string() });

function answerError(
  parts: IntakeParts,
  error: unknown,
  { request, response }: { request: Request; response: Response },
): void {
  if (error instanceof RejectedError) {
    parts.metrics.rejected.inc({ door: doorOf(request), why: 'unreadable' });
    response.status(error.status).json({ error: error.message });
    return;
  }
  if (error instanceof TransientError) {
    parts.log.warn({ err: error, path: request.path }, 'answered 503');
    response
      .status(503)
      .set('Retry-After', String(RETRY_AFTER_S))
      .json({ error: 'not accepted, please send it again' });
    return;
  }
  const http = HttpError.safeParse(error);
  if (http.success) {
    parts.metrics.rejected.inc({ door: doorOf(request), why: String(http.data.status) });
    response.status(http.data.status).json({ error: http.data.message });
    return;
  }
  parts.log.error({ err: error, path: request.path }, 'a bug answered 500');
  response.status(500).json({ error: 'internal error' });
}

function doorOf(request: Request): Door {
  if (request.path.startsWith('/admin')) return 'admin';
  return request.path.endsWith('automation') ? 'automation' : 'webhook';
}
