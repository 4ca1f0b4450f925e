import { setTimeout as sleep } from 'node:timers/promises';
import type { Express, Request, Response } from 'express';
import express from 'express';
import type { SiteContext } from './context.ts';
import { visibleIssue } from './context.ts';
import type { FaultDraft } from './gate/faults.ts';
import { identify } from './gate/identify.ts';
import { isDocumented, violationOf } from './gate/openapi-check.ts';
import type { Reply } from './gate/reply.ts';
import { invalidPayload, noEndpoint, Refusal } from './gate/reply.ts';
import { shapeOf } from './gate/requests.ts';
import { writeReply } from './gate/write.ts';
import type { Call } from './rest/call.ts';
import { actorId } from './rest/call.ts';
import type { Route } from './rest/routes.ts';
import { routes } from './rest/routes.ts';

const NO_ROUTE: Route = { method: 'get', path: '*', handler: missing };

/** The REST side of the site. Every request passes the faults, the sign-in, the documents and the limits, in this order. */
export function restApp(context: SiteContext, closed: AbortSignal): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use('/ex/jira/:cloudId', (req, res, next) => {
    if (req.params.cloudId !== context.options.cloudId) return writeReply(res, noTenant(req.originalUrl));
    next();
  });
  app.use(express.text({ type: () => true, limit: '30mb' }));
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const route of routes)
    router[route.method](route.path, (req, res) => serve({ context, route, closed }, req, res));
  router.use((req, res) => serve({ context, route: NO_ROUTE, closed }, req, res));
  app.use('/ex/jira/:cloudId', router);
  return app.use(router);
}

interface Desk {
  readonly context: SiteContext;
  readonly route: Route;
  readonly closed: AbortSignal;
}

async function serve(desk: Desk, req: Request, res: Response): Promise<void> {
  const { context } = desk;
  const at = context.now();
  const bodyText = typeof req.body === 'string' ? req.body : '';
  const fault = context.faults.draw({ method: req.method, path: req.path });
  const outcome = await answered(desk, req, { bodyText, fault });
  if (outcome === 'gone') return;
  const status = fault?.cut === 'reset' ? 0 : outcome.reply.status;
  context.requests.add({
    method: req.method,
    path: req.path,
    query: req.query,
    body: outcome.body,
    status,
    at,
    actor: outcome.actor,
  });
  writeReply(res, outcome.reply, fault?.cut);
}

interface Outcome {
  readonly reply: Reply;
  readonly actor: string;
  readonly body: unknown;
}

async function answered(
  { context, route, closed }: Desk,
  req: Request,
  { bodyText, fault }: { bodyText: string; fault: FaultDraft | undefined },
): Promise<Outcome | 'gone'> {
  const replaced = fault && faultReply(fault);
  const work = () => answer(context, route, { req, bodyText });
  const lost = { actor: 'unknown', body: bodyText };
  const early = fault?.applied ? work() : undefined;
  const waitMs = (fault?.hangMs ?? 0) + context.options.requestLatencyMs;
  if (waitMs > 0 && !(await waited(waitMs, closed))) return 'gone';
  if (early) return replaced ? { ...early, reply: replaced } : early;
  if (replaced) return { ...lost, reply: replaced };
  return req.socket.destroyed ? 'gone' : work();
}

async function waited(ms: number, closed: AbortSignal): Promise<boolean> {
  return await sleep(ms, true, { signal: closed }).catch(() => false);
}

/** A fault that only delays or truncates leaves the true answer. */
function faultReply(fault: FaultDraft): Reply | undefined {
  if (fault.cut === 'reset') return { status: 502 };
  if (fault.status === undefined) return undefined;
  const headers = fault.headers ?? {};
  if (fault.html !== undefined)
    return { status: fault.status, headers, text: fault.html, contentType: 'text/html;charset=UTF-8' };
  return { status: fault.status, headers, body: fault.body };
}

function answer(context: SiteContext, route: Route, { req, bodyText }: { req: Request; bodyText: string }): Outcome {
  let actor = 'unknown';
  let body: unknown = bodyText === '' ? undefined : bodyText;
  try {
    const caller = identify(context, req.headers.authorization);
    body = parsed(bodyText);
    const version = req.path.startsWith('/rest/api/2/') ? 2 : 3;
    const call: Call = {
      method: req.method,
      path: req.path,
      params: paramsOf(req),
      query: req.query,
      body,
      bodyText,
      actor: caller,
      version,
    };
    actor = actorId(call);
    return { reply: limited(context, route, call) ?? checked(context, route, call), actor, body };
  } catch (error) {
    if (error instanceof Refusal) return { reply: error.reply, actor, body };
    throw error;
  }
}

function checked(context: SiteContext, route: Route, call: Call): Reply {
  const isStrict = context.options.openapi === 'strict' && call.version === 3;
  const violation = isStrict ? violationOf(call) : undefined;
  if (violation === undefined) return route.handler(context, call);
  // The removed search answers 410 whatever is asked of it.
  if (call.path !== '/rest/api/3/search') context.violations.push(violation);
  return call.path === '/rest/api/3/search' ? route.handler(context, call) : invalidPayload(violation).reply;
}

function limited(context: SiteContext, route: Route, call: Call): Reply | undefined {
  const burst = context.limits.request(`${call.method} ${shapeOf(call.path)}`, context.now());
  if (burst || !route.writes) return burst;
  const record = visibleIssue(context, call.actor, call.params['issue'] ?? '');
  return record && context.limits.write(record.id, context.now());
}

/** Undocumented: Jira's own 404. Documented but not simulated: said loudly, lest a test believe in it. */
function missing(context: SiteContext, call: Call): Reply {
  if (context.options.openapi === 'off' || !isDocumented(call)) return noEndpoint(call.method, call.path);
  const text = `${call.method} ${call.path} is not simulated`;
  context.violations.push(text);
  return { status: 501, body: { errorMessages: [text], errors: {} } };
}

function noTenant(path: string): Reply {
  const timestamp = new Date().toISOString().replace('Z', '000000Z');
  const body = {
    timestamp,
    status: 404,
    error: 'Not Found',
    message: 'No message available',
    path: path.replace(/\?.*$/, ''),
  };
  return {
    status: 404,
    body,
    contentType: 'application/json',
    headers: { 'X-Failure-Category': 'FAILURE_CLIENT_TCS' },
  };
}

function parsed(bodyText: string): unknown {
  if (bodyText === '') return undefined;
  try {
    return JSON.parse(bodyText);
  } catch {
    throw invalidPayload('the body is not JSON');
  }
}

function paramsOf(req: Request): Record<string, string> {
  return Object.fromEntries(Object.entries(req.params).map(([name, value]) => [name, String(value)]));
}
