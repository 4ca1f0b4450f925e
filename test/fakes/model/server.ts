import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { termsOf } from '../../../src/domain/text.ts';

const Request = z.object({
  model: z.string(),
  input: z.array(z.string().min(1)).min(1),
  encoding_format: z.literal('float'),
});

/** What went wrong on the way to an answer. */
export type ModelTrouble = 'reset' | 'short' | 'shuffled' | 'not-json' | { readonly status: number };

/** An OpenAI-compatible server for embeddings on this machine. */
export interface ModelServer extends AsyncDisposable {
  /** What `OPENAI_BASE_URL` would hold. */
  readonly url: string;
  readonly requests: readonly { readonly authorization: string | undefined; readonly texts: readonly string[] }[];
  /** What the next requests meet, one each; then all is well again. */
  trouble(...next: readonly ModelTrouble[]): void;
}

export const DIMENSIONS = 64;

export async function startModelServer(): Promise<ModelServer> {
  const requests: { authorization: string | undefined; texts: readonly string[] }[] = [];
  const troubles: ModelTrouble[] = [];
  const server = createServer((request, response) => void serve(request, response));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    if (request.method !== 'POST' || request.url !== '/v1/embeddings') return answer(response, 404, 'no such page');
    const parsed = Request.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    if (!parsed.success) return answer(response, 400, { error: { message: parsed.error.message } });
    requests.push({ authorization: request.headers.authorization, texts: parsed.data.input });
    const trouble = troubles.shift();
    if (trouble === 'reset') return void request.socket.destroy();
    if (trouble === 'not-json') return void response.end('<html>busy</html>');
    if (typeof trouble === 'object') return answer(response, trouble.status, { error: { message: 'later' } });
    answer(response, 200, embeddings(parsed.data, trouble));
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the model server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    trouble: (...next) => void troubles.push(...next),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function embeddings({ model, input }: z.infer<typeof Request>, trouble: 'short' | 'shuffled' | undefined) {
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorFor(text) }));
  if (trouble === 'short') data.pop();
  if (trouble === 'shuffled') data.reverse();
  return { object: 'list', model, data, usage: { prompt_tokens: 1, total_tokens: 1 } };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The vector this server gives a text: its words, hashed into `DIMENSIONS` places; never the zero vector. */
export function vectorFor(text: string): number[] {
  const vector = Array.from({ length: DIMENSIONS }, () => 0.01);
  for (const term of termsOf(text)) {
    let hash = 7;
    for (const letter of term) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_537;
    const place = hash % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}
