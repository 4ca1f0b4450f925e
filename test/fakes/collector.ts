import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';

const Value = z
  .object({ stringValue: z.string(), intValue: z.coerce.number(), doubleValue: z.number(), boolValue: z.boolean() })
  .partial()
  .transform(
    ({ stringValue, intValue, doubleValue, boolValue }) => stringValue ?? intValue ?? doubleValue ?? boolValue,
  );

const Span = z
  .object({
    traceId: z.string(),
    spanId: z.string(),
    parentSpanId: z.string().optional(),
    name: z.string(),
    kind: z.number(),
    attributes: z.array(z.object({ key: z.string(), value: Value })).default([]),
  })
  .transform(({ attributes, ...span }) => ({
    ...span,
    facts: Object.fromEntries(attributes.map(({ key, value }) => [key, value])),
  }));
export type CollectedSpan = z.infer<typeof Span>;

/** OTLP/HTTP with JSON: opentelemetry.io/docs/specs/otlp, section "OTLP/HTTP". */
const Request = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(Span) })) })),
});

/** How it answers: at once, never, or with 503. */
export type CollectorMood = 'fine' | 'hanging' | 'failing';

/** An OpenTelemetry collector that keeps what it is sent. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  mood: CollectorMood;
  /** Requests that came in, whatever became of them. */
  readonly requests: number;
  /** Every body as it was sent. */
  readonly raw: readonly string[];
  readonly spans: readonly CollectedSpan[];
}

export async function startCollector(): Promise<Collector> {
  const raw: string[] = [];
  const spans: CollectedSpan[] = [];
  let mood: CollectorMood = 'fine';
  let requests = 0;
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests += 1;
    const body = await textOf(request);
    if (mood === 'hanging') return;
    if (mood === 'failing' || request.url !== '/v1/traces') return void response.writeHead(503).end();
    raw.push(body);
    for (const { scopeSpans } of Request.parse(JSON.parse(body)).resourceSpans)
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    raw,
    spans,
    get requests() {
      return requests;
    },
    get mood() {
      return mood;
    },
    set mood(next) {
      mood = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
