import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openWire } from '../../../../src/adapters/jira/wire.ts';
import { PermanentError, TransientError } from '../../../../src/domain/errors.ts';

const GET = { method: 'GET', path: '/x?a=1', headers: { authorization: 'Basic c2VjcmV0' }, body: null };

/** A server that answers as it is told, and how often somebody connected. */
async function serve(answer: RequestListener) {
  const server = createServer(answer);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a request over the wire', () => {
  test('carries method, path, headers and body, and brings back status, headers and text', async () => {
    await using server = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.setHeader('X-Seen', `${request.method} ${request.url} ${request.headers.authorization}`);
      response.setHeader('Retry-After', ['1', '2']);
      response.writeHead(201).end(Buffer.concat(chunks));
    });
    const answer = await openWire(server.origin)({ ...GET, method: 'PUT', body: '{"ü":1}' });
    expect(answer).toMatchObject({
      status: 201,
      text: '{"ü":1}',
      headers: { 'x-seen': 'PUT /x?a=1 Basic c2VjcmV0', 'retry-after': ['1', '2'] },
    });
  });

  test('uses its connections again, and no more of them than it may', async () => {
    await using server = await serve((_, response) => setImmediate(() => response.end('ok')));
    const wire = openWire(server.origin);
    for (let count = 0; count < 20; count += 1) await wire(GET);
    // An answer may be read before its connection is free.
    expect(server.connections()).toBeLessThanOrEqual(2);
    await Promise.all(Array.from({ length: 300 }, () => wire(GET)));
    expect(server.connections()).toBeLessThanOrEqual(64);
  });

  test('follows no redirect, so that no token goes elsewhere', async () => {
    await using elsewhere = await serve((_, response) => response.end('{}'));
    await using server = await serve((_, response) => response.writeHead(302, { Location: elsewhere.origin }).end());
    expect(await openWire(server.origin)(GET)).toMatchObject({ status: 302 });
    expect(elsewhere.connections()).toBe(0);
  });

  test('unpacks what is packed', async () => {
    const text = JSON.stringify({ text: 'word '.repeat(5_000) });
    await using server = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(text));
    });
    expect((await openWire(server.origin)(GET)).text).toBe(text);
  });

  test.each([
    ['gzip', Buffer.from('not packed')],
    ['br', Buffer.from('anything')],
  ])('gives up on a body that %s does not unpack', async (encoding, body) => {
    await using server = await serve((_, response) =>
      response.writeHead(200, { 'Content-Encoding': encoding }).end(body),
    );
    await expect(openWire(server.origin)(GET)).rejects.toThrow(TransientError);
  });

  test('gives up on a body that is too large, packed or not', async () => {
    const large = Buffer.alloc(200_000, 'x');
    await using plain = await serve((_, response) => response.end(large));
    await expect(openWire(plain.origin, { maxBytes: 100_000 })(GET)).rejects.toThrow(PermanentError);
    await using packed = await serve((_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(large)),
    );
    await expect(openWire(packed.origin, { maxBytes: 100_000 })(GET)).rejects.toThrow(TransientError);
  });

  test.each<[string, RequestListener]>([
    ['never begins', () => {}],
    ['never ends', (_, response) => void response.write('{')],
    [
      'drips for ever',
      (_, response) => {
        const drops = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(drops));
      },
    ],
  ])('waits so long and no longer for an answer that %s', async (_what, answer) => {
    await using server = await serve(answer);
    const startedAt = performance.now();
    await expect(openWire(server.origin, { timeoutMs: 150 })(GET)).rejects.toThrow('within 0.15 s');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('that waits for a connection is not sent once it was given up', async () => {
    const seen: string[] = [];
    await using server = await serve((request) => void seen.push(request.url ?? ''));
    const timeoutMs = 1_000;
    const wire = openWire(server.origin, { timeoutMs });
    const until = performance.now() + timeoutMs;
    const answers = Promise.allSettled(Array.from({ length: 70 }, (_, index) => wire({ ...GET, path: `/${index}` })));
    await expect.poll(() => seen.length, { interval: 5 }).toBe(64);
    // Nothing runs until all are late: else what was given up first makes room for one that still has a moment.
    while (performance.now() < until + 50);
    expect((await answers).every(({ status }) => status === 'rejected')).toBe(true);
    await new Promise((resume) => setTimeout(resume, 50));
    expect(seen).toHaveLength(64);
  });

  test.each<[string, RequestListener]>([
    ['is reset', (request) => void request.socket.destroy()],
    [
      'breaks off',
      (_, response) =>
        void response.writeHead(200, { 'Content-Length': '100' }).write('{"a"', () => response.destroy()),
    ],
  ])('whose connection %s may be sent again', async (_what, answer) => {
    await using server = await serve(answer);
    await expect(openWire(server.origin)(GET)).rejects.toThrow(TransientError);
  });

  test('tells no secret when it fails', async () => {
    const error = await openWire('http://127.0.0.1:1')(GET).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('c2VjcmV0');
  });
});
