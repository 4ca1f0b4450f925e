import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

export interface Host {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, how it is spoken to, and what the names of our keys there begin with. Never logged. */
export interface RedisAccess {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly hosts: readonly [Host, ...Host[]];
  /** What the sentinels call the server they watch. */
  readonly master: string | null;
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: { readonly ca: string | null; readonly servername: string | null } | null;
  readonly sentinel: { readonly username: string | null; readonly password: string | null };
  readonly prefix: string;
  readonly mayForget: boolean;
}

export type RedisClient = Redis | Cluster;

/** A connection and those that BullMQ makes after its pattern. */
export interface Line {
  readonly client: RedisClient;
  /** Ends them for good: what waits for an answer is rejected, whether or not Redis is there. */
  end(): void;
}

/**
 * What a connection is for: `publish` fails within seconds, for what is not in Redis is not accepted; `consume` waits
 * for Redis however long it is away.
 */
export type Use = 'publish' | 'consume';

interface Patience {
  isOver: boolean;
}

const CONNECT_MS = 5_000;
/**
 * How long an answer may take before the connection counts as dead: one that was cut off is never told so. A worker
 * asks for a job for up to ten seconds.
 */
const SILENCE_MS = { publish: 5_000, consume: 15_000 } as const;
/** How long an ended connection may take to close before its socket is destroyed. */
const DISCONNECT_MS = 500;
const LONGEST_RETRY_MS = 2_000;
/** How often a cluster is asked who serves what; a server that died is else noticed only by who needs it. */
const REFRESH_MS = 5_000;

/** Opens a connection in the background; an error of it is never thrown, only emitted. */
export function openLine(access: RedisAccess, use: Use): Line {
  const patience: Patience = { isOver: false };
  const clients = new Set<RedisClient>();
  const client = access.kind === 'cluster' ? clusterOf(access, use, patience) : serverOf(access, use, patience);
  adopt(client, clients);
  return {
    client,
    end: () => {
      patience.isOver = true;
      for (const each of clients) endOne(each);
    },
  };
}

/** BullMQ needs connections of its own for commands that block; they end with the one they were copied from. */
function adopt(client: RedisClient, clients: Set<RedisClient>): void {
  clients.add(client);
  // Whoever uses it listens too; without any listener ioredis would write to the console.
  client.on('error', () => {});
  const copy: (...args: never[]) => RedisClient = client.duplicate.bind(client);
  Object.assign(client, {
    duplicate: (...args: never[]) => {
      const made = copy(...args);
      adopt(made, clients);
      return made;
    },
  });
}

/**
 * @NOTE `disconnect()` of a client that waits to try again only stops its timer: it never ends, and neither does what
 * waits for it (bullmq#4656). One last try, which may not be followed by another, brings it to its end.
 */
function endOne(client: RedisClient): void {
  if (client.status === 'end') return;
  client.once('ready', () => client.disconnect());
  if (client.status === 'reconnecting') client.connect().catch(() => {});
  else client.disconnect();
}

function retryAfter(patience: Patience) {
  return (times: number): number | null => (patience.isOver ? null : Math.min(times * 200, LONGEST_RETRY_MS));
}

/** What one server and every server of a cluster have in common. */
function commonOptions(access: RedisAccess, use: Use) {
  return {
    ...(access.username === null ? {} : { username: access.username }),
    ...(access.password === null ? {} : { password: access.password }),
    ...(access.tls === null ? {} : { tls: tlsOf(access.tls) }),
    connectTimeout: CONNECT_MS,
    disconnectTimeout: DISCONNECT_MS,
    maxRetriesPerRequest: use === 'publish' ? 1 : null,
    socketTimeout: SILENCE_MS[use],
  } satisfies RedisOptions;
}

function tlsOf({ ca, servername }: NonNullable<RedisAccess['tls']>) {
  return { ...(ca === null ? {} : { ca }), ...(servername === null ? {} : { servername }) };
}

function serverOf(access: RedisAccess, use: Use, patience: Patience): Redis {
  const [{ host, port }] = access.hosts;
  return new Redis({
    ...commonOptions(access, use),
    ...(access.kind === 'sentinel' ? sentinelOptions(access, patience) : { host, port }),
    db: access.database,
    retryStrategy: retryAfter(patience),
    enableOfflineQueue: use === 'consume',
    // A master that was replaced says so; the address then leads to the new one. 2: and send it again.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY') && (use === 'consume' ? 2 : 1),
  });
}

function sentinelOptions({ hosts, master, sentinel, tls }: RedisAccess, patience: Patience) {
  return {
    sentinels: hosts.map((host) => ({ ...host })),
    name: master ?? '',
    ...(sentinel.username === null ? {} : { sentinelUsername: sentinel.username }),
    ...(sentinel.password === null ? {} : { sentinelPassword: sentinel.password }),
    ...(tls === null ? {} : { sentinelTLS: tlsOf(tls), enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: retryAfter(patience),
    // @NOTE no `failoverDetector`: when the sentinels' word comes while a connection is being made anew, ioredis 6.0 ends
    // the connection for good. A master that hangs or was cut off is noticed by its silence.
  } satisfies RedisOptions;
}

function clusterOf(access: RedisAccess, use: Use, patience: Patience): Cluster {
  const options = {
    redisOptions: commonOptions(access, use),
    clusterRetryStrategy: retryAfter(patience),
    enableOfflineQueue: use === 'consume',
    slotsRefreshInterval: REFRESH_MS,
    // While a replica takes over: a publisher tries for a second and a half, a worker for minutes.
    ...(use === 'consume'
      ? { maxRedirections: 600, retryDelayOnFailover: 500, retryDelayOnClusterDown: 500 }
      : { maxRedirections: 16, retryDelayOnFailover: 100, retryDelayOnClusterDown: 100 }),
    // Left as names, which is what certificates hold.
    dnsLookup: (name: string, found: (error: null, address: string) => void) => found(null, name),
  } satisfies ClusterOptions;
  return new Cluster(
    access.hosts.map((host) => ({ ...host })),
    options,
  );
}
