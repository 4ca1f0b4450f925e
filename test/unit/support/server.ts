import { once } from 'node:events';
import { createServer, type RequestListener, request } from 'node:http';

export interface Listening extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Serves an app on a free port of this machine. */
export async function listen(app: RequestListener): Promise<Listening> {
  const server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the app has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Announces a body of this size, sends a little of it, and reads the answer: what a client sees of an early refusal. */
export function announce(
  { port }: Listening,
  path: string,
  { bytes, headers = {} }: { bytes: number; headers?: Readonly<Record<string, string>> },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method: 'POST', headers: { ...headers, 'content-length': String(bytes) } },
      (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      },
    );
    sent.on('error', reject);
    sent.write('{');
  });
}
