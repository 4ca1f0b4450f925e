import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  readonly body: unknown;
  readonly at: number;
}

/** A receiver of webhooks that keeps what came and answers as told. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** The statuses of the next answers; then 200 again. A negative one cuts the connection instead. */
  answer(...statuses: number[]): void;
  /** Waits this long before each answer. */
  slow(ms: number): void;
  readonly mostInFlight: () => number;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const statuses: number[] = [];
  let delayMs = 0;
  let inFlight = 0;
  let most = 0;
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    inFlight += 1;
    most = Math.max(most, inFlight);
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const raw = Buffer.concat(chunks);
      received.push({ headers: req.headers, raw, body: JSON.parse(raw.toString()), at: Date.now() });
      const status = statuses.shift() ?? 200;
      setTimeout(() => {
        inFlight -= 1;
        if (status < 0) req.socket.destroy();
        else res.writeHead(status).end();
      }, delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}/webhook`,
    received,
    answer: (...next) => void statuses.push(...next),
    slow: (ms) => {
      delayMs = ms;
    },
    mostInFlight: () => most,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
