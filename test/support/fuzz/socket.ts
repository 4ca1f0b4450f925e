import { connect } from 'node:net';

const PATIENCE_MS = 30_000;

/** One request as it is, byte for byte, and the status it is answered with; null when the connection just ends. */
export function statusOf(port: number, request: Buffer): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const heard: Buffer[] = [];
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${PATIENCE_MS} ms to ${request.subarray(0, 300).toString('latin1')}`));
    }, PATIENCE_MS);
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      if (statusIn(heard) !== null) socket.end();
    });
    // Told by `close`, too.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(limit);
      resolve(statusIn(heard));
    });
    socket.write(request);
  });
}

/** The first one that is final. */
function statusIn(heard: readonly Buffer[]): number | null {
  const statuses = [
    ...Buffer.concat(heard)
      .toString('latin1')
      .matchAll(/HTTP\/1\.1 (\d{3}) /g),
  ];
  return statuses.map(([, digits]) => Number(digits)).find((status) => status >= 200) ?? null;
}

/** A request with these header lines, whatever is in them; each character is one byte. */
export function rawRequest(
  { method = 'POST', path = '/webhooks/jira', headers = [] as readonly string[] },
  body: Buffer,
): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'host: here', 'connection: close', ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
