import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

const Request = z.object({ text: z.string(), language: z.string() });

/** What went wrong on the way to an answer. */
export type PresidioTrouble =
  | 'hang'
  | 'hang-halfway'
  | 'reset'
  | 'not-json'
  | 'no-list'
  | 'outside'
  | 'backwards'
  | 'redirect'
  | { readonly status: number };

/** A Presidio analyzer on this machine that knows some words. */
export interface PresidioServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly z.infer<typeof Request>[];
  /** What the next requests meet, one each; then all is well again. */
  trouble(...next: readonly PresidioTrouble[]): void;
}

export interface KnownWord {
  readonly entity: string;
  readonly score?: number;
}

/** `known`: the words it finds, everywhere they stand. */
export async function startPresidio(known: Readonly<Record<string, KnownWord>>): Promise<PresidioServer> {
  const requests: z.infer<typeof Request>[] = [];
  const troubles: PresidioTrouble[] = [];
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    if (request.method !== 'POST' || request.url !== '/analyze') return answer(response, 404, 'no such page');
    const parsed = Request.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!parsed.success) return answer(response, 500, { error: 'No text provided' });
    requests.push(parsed.data);
    const found = entitiesIn(parsed.data.text, known);
    const trouble = troubles.shift();
    if (trouble === undefined) return answer(response, 200, found);
    fail(trouble, response, parsed.data.text);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the presidio server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    trouble: (...next) => void troubles.push(...next),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Offsets in characters as Python counts them, and fields that nobody asked for, as the real one gives. */
function entitiesIn(text: string, known: Readonly<Record<string, KnownWord>>) {
  return Object.entries(known).flatMap(([word, { entity, score = 0.85 }]) => {
    const pieces = text.split(word);
    return pieces.slice(1).map((_piece, index) => {
      const start = [...pieces.slice(0, index + 1).join(word)].length;
      return { entity_type: entity, start, end: start + [...word].length, score, analysis_explanation: null };
    });
  });
}

function fail(trouble: PresidioTrouble, response: ServerResponse, text: string): void {
  // The real one repeats what it was asked when it breaks.
  if (typeof trouble === 'object') return void answer(response, trouble.status, { error: `cannot analyze: ${text}` });
  if (trouble === 'hang') return;
  if (trouble === 'hang-halfway') return void response.writeHead(200).write('[{"entity_type":');
  if (trouble === 'reset') return void response.socket?.destroy();
  if (trouble === 'not-json') return void response.end(`<html>${text}</html>`);
  if (trouble === 'no-list') return void answer(response, 200, { error: text });
  if (trouble === 'redirect') return void response.writeHead(302, { location: '/elsewhere' }).end();
  const [start, end] = trouble === 'outside' ? [0, [...text].length + 1] : [2, 1];
  answer(response, 200, [{ entity_type: 'PERSON', start, end, score: 1 }]);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
