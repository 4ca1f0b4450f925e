import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { control } from './control.ts';
import { answer, headersOf, openDesk, type ServerDesk } from './desk.ts';
import { packed, send } from './gate/send.ts';
import type { Share, Trouble } from './gate/troubles/troubles.ts';
import type { LoggedRequest } from './log.ts';
import { type ModelServerOptionsDraft, optionsSchema } from './options.ts';

export { DIMENSIONS, vectorFor } from './embeddings.ts';

/** A server on this machine that speaks OpenAI's protocol, in the dialect of one kind of server. */
export interface ModelServer extends AsyncDisposable {
  /** What `OPENAI_BASE_URL` would hold. */
  readonly url: string;
  /** The same without a path, for Azure's older addresses. */
  readonly origin: string;
  readonly requests: readonly LoggedRequest[];
  /** Requests under way, now and at most. */
  readonly inFlight: { readonly now: number; readonly max: number };
  /** What the next requests meet, one each; then all is well again. */
  trouble(...next: readonly Trouble[]): void;
  /** What every request meets from now on, or a share of them; null: nothing. What is queued comes first. */
  always(trouble: Trouble | null, share?: Share): void;
}

export async function startModelServer(draft: ModelServerOptionsDraft = {}): Promise<ModelServer> {
  const desk = openDesk(optionsSchema.parse(draft));
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void serve(desk, request, response));
  server.listen(desk.options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the model server has no port');
  const origin = `http://127.0.0.1:${address.port}`;
  return {
    url: `${origin}${desk.profile.base}`,
    origin,
    requests: desk.log.requests,
    inFlight: desk.inFlight,
    trouble: (...next) => desk.troubles.queue(next),
    always: (trouble, share) => desk.troubles.last(trouble, share),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(desk: ServerDesk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await bodyOf(request);
  if (text === null) return;
  const url = new URL(request.url ?? '/', 'http://model');
  const call = { method: request.method ?? 'GET', url, headers: request.headers, body: parsed(text) };
  const ours = control(desk, call);
  if (ours) return send(response, packed(ours, {}), undefined);
  countIn(desk, response);
  const { reply, trouble } = answer(desk, call);
  const parcel = packed(reply, headersOf(desk));
  const slowMs = typeof trouble === 'object' && 'slowMs' in trouble ? trouble.slowMs : 0;
  const waitMs = desk.options.delayMs + slowMs;
  if (waitMs === 0) return send(response, parcel, trouble);
  // Nothing but this timer per request: hundreds wait at once in benchmarks.
  setTimeout(() => send(response, parcel, trouble), waitMs).unref();
}

/** Null when the caller went away while it was still sending. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  } catch {
    // Nobody is left to be answered.
    return null;
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Refused where JSON is wanted, and logged as it is.
    return text;
  }
}

function countIn({ inFlight }: ServerDesk, response: ServerResponse): void {
  inFlight.now += 1;
  inFlight.max = Math.max(inFlight.max, inFlight.now);
  response.once('close', () => {
    inFlight.now -= 1;
  });
}
