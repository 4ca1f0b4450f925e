import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MisconfiguredError } from '../domain/errors.ts';

export interface Listening extends AsyncDisposable {
  readonly port: number;
}

export interface Door {
  readonly host: string;
  readonly port: number;
  /** The setting to change when the port cannot be had. */
  readonly variable: 'PORT' | 'OPS_PORT';
  /** How long the last answers may take once it closes; then connections are cut. */
  readonly closeMs: number;
  readonly patience?: Partial<Patience>;
}

/** How long a client may take, and how many there may be: what keeps a few slow ones from taking every connection. */
export interface Patience {
  readonly headersMs: number;
  /** For the whole request; later it is answered 408. Jira itself gives up after 20 s. */
  readonly requestMs: number;
  /** Between two requests of a connection. Longer than the 60 s of common load balancers, so that they close first. */
  readonly keepAliveMs: number;
  /** How often the two limits above are looked at. */
  readonly checkMs: number;
  readonly connections: number;
}

const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 20_000,
  keepAliveMs: 65_000,
  checkMs: 2_000,
  connections: 2_000,
};
const HEADERS = 64;
const SWEEP_MS = 50;
const HEADER_BYTES = 16 * 1024;

/**
 * Serves until disposed; resolves once it listens. Disposing takes no new connections and waits until what was asked is
 * answered, or cut off. Throws `MisconfiguredError` naming the variable when the port is taken or not allowed.
 */
export async function listen(app: RequestListener, door: Door): Promise<Listening> {
  const { headersMs, requestMs, keepAliveMs, checkMs, connections } = { ...PATIENCE, ...door.patience };
  const limits = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: HEADER_BYTES,
  };
  let isClosing = false;
  const server = createServer(limits, (request, response) => {
    // Whoever keeps a connection alive would otherwise go on using it.
    if (isClosing) response.setHeader('connection', 'close');
    app(request, response);
  });
  server.maxHeadersCount = HEADERS;
  server.maxConnections = connections;
  await bound(server, door);
  return {
    port: portOf(server),
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      await close(server, door.closeMs);
    },
  };
}

async function bound(server: Server, { host, port, variable }: Door): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? WHY.get(String(cause.code)) : undefined;
    if (why === undefined) throw cause;
    throw new MisconfiguredError([`${variable}: ${why.replace('%', `${host}:${port}`)}`], { cause });
  }
}

const WHY: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', '% is in use by another process; stop that one or choose another port (0 takes a free one)'],
  ['EACCES', 'this account may not listen on %; choose a port above 1023'],
  ['EADDRNOTAVAIL', '% is not an address of this machine; set HOST to one of its own, or to 0.0.0.0'],
  ['ENOTFOUND', '% cannot be resolved; set HOST to an address of this machine, or to 0.0.0.0'],
]);

async function close(server: Server, patienceMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // Again and again: a connection that is answering now is idle in a moment.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
