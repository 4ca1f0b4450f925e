import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Delivery } from '../domain/decision/delivery.ts';
import { answer, answerError, answerLater } from '../http/answer.ts';
import { alivePage, type Readiness, readyPage } from '../http/health.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Acknowledge } from './acknowledge.ts';
import { type BodyLimits, bodyRoom, GoneError } from './body.ts';
import { type Ears, hearAutomation, hearWebhook } from './event.ts';
import { contentHash, hasSignature, isSecret, isSigned } from './signature.ts';

export interface IntakeParts {
  readonly acknowledge: Acknowledge;
  /** Whether so much waits already that webhooks are to come again later. */
  readonly isBusy: () => boolean;
  readonly ears: () => Ears;
  readonly site: string;
  readonly secrets: { readonly webhook: readonly string[]; readonly automation: string | null };
  readonly readiness: Readiness;
  readonly metrics: Pick<Metrics, 'intakeSeconds' | 'deliveries' | 'rejected'>;
  readonly log: Logger;
  readonly bodyLimits?: BodyLimits;
}

/** What the internet may see: two doors for deliveries, and whether we are up. */
export function createApp(parts: IntakeParts): Express {
  const roomFor = bodyRoom(parts.bodyLimits);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  const open = (path: string, entrance: Entrance) =>
    app.post(path, (request, response) => enter(entrance, { request, response, roomFor }, parts));
  open('/webhooks/jira', webhookEntrance(parts.secrets.webhook));
  open('/webhooks/automation', automationEntrance(parts.secrets.automation));
  app.use(helmet());
  app.get('/healthz', alivePage);
  app.get('/readyz', readyPage(parts));
  app.use((_request, response) => answer(response, 404, { error: 'no such page' }));
  // biome-ignore lint/complexity/useMaxParams: express tells error handlers by their four parameters
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else answerError(error, { response, path: pathOf(request), log: parts.log });
  });
  return app;
}

/** Without the query, which is nobody's business in a log. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

/** One way in, and what is asked of whoever comes. */
interface Entrance {
  readonly door: 'webhook' | 'automation';
  /** Whether a body is read at all, by the headers. */
  readonly mayEnter: (headers: IncomingHttpHeaders) => boolean;
  readonly isTrusted: (body: Buffer, headers: IncomingHttpHeaders) => boolean;
  readonly refusal: string;
  readonly hear: (body: Buffer, ears: Ears) => Pick<Delivery, 'event' | 'issueId' | 'issueKey' | 'plan'>;
  readonly identifierOf: (headers: IncomingHttpHeaders) => string | null;
  /** Whether what we cannot take just now is sent again. */
  readonly comesAgain: boolean;
}

function webhookEntrance(secrets: readonly string[]): Entrance {
  return {
    door: 'webhook',
    mayEnter: (headers) => hasSignature(headerOf(headers, 'x-hub-signature')),
    isTrusted: (body, headers) => isSigned(body, headerOf(headers, 'x-hub-signature'), secrets),
    refusal: 'missing or wrong X-Hub-Signature',
    hear: hearWebhook,
    identifierOf: (headers) => headerOf(headers, 'x-atlassian-webhook-identifier')?.slice(0, 200) ?? null,
    comesAgain: true,
  };
}

/** Jira's automation sends once and never again, so it is let in while there is any room. */
function automationEntrance(secret: string | null): Entrance {
  return {
    door: 'automation',
    mayEnter: (headers) => isSecret(headerOf(headers, 'x-triage-secret'), secret),
    isTrusted: () => true,
    refusal: 'missing or wrong X-Triage-Secret',
    hear: hearAutomation,
    identifierOf: () => null,
    comesAgain: false,
  };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly roomFor: ReturnType<typeof bodyRoom>;
}

async function enter(entrance: Entrance, { request, response, roomFor }: Visit, parts: IntakeParts): Promise<void> {
  const { door, comesAgain, refusal } = entrance;
  const reject = (why: string) => parts.metrics.rejected.inc({ door, why });
  const deny = () => {
    reject('unsigned');
    answer(response, 401, { error: refusal });
  };
  const later = (why: string) => {
    reject(why);
    answerLater(response);
  };
  try {
    if (!entrance.mayEnter(request.headers)) return deny();
    if (comesAgain && parts.isBusy()) return later('busy');
    using room = roomFor(request);
    if (!room) return later('memory');
    const delivery = deliveryOf(await room.read(), { entrance, headers: request.headers }, parts);
    if (!delivery) return deny();
    await accept(delivery, response, parts);
  } catch (error) {
    if (error instanceof GoneError) return reject('gone');
    reject(answerError(error, { response, path: pathOf(request), log: parts.log }));
  }
}

/** Null when the body is not from whom it should be. */
function deliveryOf(
  body: Buffer,
  { entrance, headers }: { readonly entrance: Entrance; readonly headers: IncomingHttpHeaders },
  { site, ears }: IntakeParts,
): Delivery | null {
  if (!entrance.isTrusted(body, headers)) return null;
  const heard = entrance.hear(body, ears());
  return {
    site,
    door: entrance.door,
    identifier: entrance.identifierOf(headers),
    contentHash: contentHash(body),
    ...heard,
  };
}

async function accept(delivery: Delivery, response: ServerResponse, parts: IntakeParts): Promise<void> {
  const { door, plan } = delivery;
  const stop = parts.metrics.intakeSeconds.startTimer();
  const { id, status } = await parts.acknowledge(delivery);
  stop();
  parts.metrics.deliveries.inc({ door, result: status });
  const ignored = plan.kind === 'ignore' ? plan.reason : undefined;
  answer(response, 202, { delivery: id, status, ignored });
}
