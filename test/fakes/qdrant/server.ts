import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Desk } from './desk.ts';
import { violationOf } from './openapi-check.ts';
import { Refusal } from './reply.ts';

/** What a request meets instead of its answer. */
export type Trouble =
  | { readonly kind: 'hang' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'status'; readonly status: number; readonly text?: string }
  /** Done, but what comes back is this. */
  | { readonly kind: 'reply'; readonly text: string };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A server on this machine that behaves like Qdrant, as far as we use it. */
export interface QdrantServer extends AsyncDisposable {
  readonly url: string;
  readonly desk: Desk;
  /** Requests that Qdrant's own document does not allow, or that this server does not understand. */
  readonly violations: readonly string[];
  readonly requests: Asked[];
  /** Called with each request before it is done; null: no trouble. It may do something meanwhile. */
  meet(trouble: (asked: Asked) => Promise<Trouble | null> | Trouble | null): void;
}

export interface QdrantServerOptions {
  /** Null: none is needed. */
  readonly apiKey?: string | null;
  readonly port?: number;
}

/** As Qdrant has it by default. */
const LARGEST_BODY = 32 * 1024 * 1024;

export async function startQdrantServer({ apiKey = null, port = 0 }: QdrantServerOptions = {}): Promise<QdrantServer> {
  const desk = new Desk();
  const violations: string[] = [];
  const requests: Asked[] = [];
  let meet: Parameters<QdrantServer['meet']>[0] = () => null;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await textOf(request);
    if (apiKey !== null && request.headers['api-key'] !== apiKey)
      return send(response, 401, 'Must provide an API key or an Authorization bearer token');
    const url = new URL(request.url ?? '/', 'http://qdrant');
    const asked = { method: request.method ?? '', path: decodeURIComponent(url.pathname), body: bodyOf(text) };
    requests.push(asked);
    const violation = violationOf({ ...asked, query: Object.fromEntries(url.searchParams) });
    if (violation !== null) violations.push(violation);
    const trouble = await meet(asked);
    if (trouble && trouble.kind !== 'reply') return fail(trouble, response);
    const reply = replyTo(asked, text, desk);
    if (reply.status === 400 || reply.status === 501) violations.push(`${asked.method} ${asked.path}: ${reply.text}`);
    send(response, reply.status, trouble?.text ?? reply.text);
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    desk,
    violations,
    requests,
    meet: (trouble) => {
      meet = trouble;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

function replyTo({ method, path, body }: Asked, text: string, desk: Desk): Reply {
  if (path === '/') return ok({ title: 'qdrant - vector search engine', version: desk.version });
  try {
    if (text.length > LARGEST_BODY) throw new Refusal(413, 'Payload too large');
    if (!isWellFormed(body)) throw new Refusal(400, 'Format error in JSON body: lone leading surrogate in hex escape');
    return ok({ result: desk.answer({ method, path: path.split('/').slice(1), body }), status: 'ok', time: 0.001 });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, text: JSON.stringify({ status: { error: error.message }, time: 0.001 }) };
  }
}

function ok(body: unknown): Reply {
  return { status: 200, text: JSON.stringify(body) };
}

function bodyOf(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}

/** Rust's strings hold no half surrogate pairs. */
function isWellFormed(value: unknown): boolean {
  return value === undefined || !/\\ud[89a-f][0-9a-f]{2}/i.test(JSON.stringify(value));
}

function fail(trouble: Exclude<Trouble, { kind: 'reply' }>, response: ServerResponse): void {
  if (trouble.kind === 'hang') return;
  if (trouble.kind === 'cut') return void response.socket?.destroy();
  send(response, trouble.status, trouble.text ?? JSON.stringify({ status: { error: 'trouble' }, time: 0 }));
}

function send(response: ServerResponse, status: number, text: string): void {
  const type = text.startsWith('{') ? 'application/json' : 'text/plain';
  response.writeHead(status, { 'content-type': type }).end(text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
