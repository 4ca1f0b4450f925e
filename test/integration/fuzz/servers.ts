import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { damaged } from '../../support/fuzz/bytes.ts';
import { changed, hostileText } from '../../support/fuzz/values.ts';

/** What a server sends back. */
export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Bytes after which it hangs up; null: it does not. */
  readonly cutAt: number | null;
}

const headers = fc.dictionary(
  fc.constantFrom(
    'retry-after',
    'content-type',
    'content-encoding',
    'x-ratelimit-reset',
    'ratelimit-reason',
    'date',
    'location',
    'ratelimit',
  ),
  fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '-1',
      '1e9',
      '9'.repeat(30),
      'NaN',
      'gzip',
      'br',
      'text/html',
      'Sun, 22 Nov 2026 08:01:00 GMT',
      'http://127.0.0.1:1/',
      '"burst";r=0;t=1',
    ),
    fc.stringMatching(/^[\x20-\x7e]{0,60}$/),
  ),
  { maxKeys: 3 },
);

/** Answers like these good ones, with other values, shapes and bytes, under any status and headers, and cut off. */
export function hostileAnswers(good: readonly unknown[]): fc.Arbitrary<Sent> {
  const asBytes = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
  const bodies = damaged(fc.oneof(fc.constantFrom(...good), changed(good)).map(asBytes));
  return fc.record({
    status: fc.constantFrom(
      200,
      200,
      200,
      200,
      200,
      201,
      204,
      302,
      304,
      400,
      401,
      403,
      404,
      409,
      413,
      422,
      429,
      500,
      503,
      599,
    ),
    headers,
    body: fc.oneof(
      bodies,
      bodies,
      hostileText.map((text) => Buffer.from(text)),
    ),
    cutAt: fc.option(fc.nat({ max: 300 }), { freq: 10 }),
  });
}

/** A server that answers everything with what it was last told to. */
export async function answeringServer() {
  let sent: Sent = { status: 500, headers: {}, body: Buffer.alloc(0), cutAt: null };
  const server = createServer(async (request, response) => {
    request.on('error', () => {});
    request.resume();
    const { status, headers: named, body, cutAt } = sent;
    response.writeHead(status, { ...named, 'content-length': body.length });
    if (cutAt === null || cutAt >= body.length) return void response.end(body);
    response.write(body.subarray(0, cutAt), () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    answerWith: (next: Sent) => {
      sent = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
