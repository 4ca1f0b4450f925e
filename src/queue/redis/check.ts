import type { Redis } from 'ioredis';
import { messageOf } from '../../domain/errors.ts';
import type { Host, RedisClient } from './connect.ts';

/** What a server tells of how it keeps data; null: it does not tell. */
export interface Keeping {
  readonly version: string | null;
  readonly appendOnly: boolean | null;
  readonly eviction: string | null;
}

/** What is wrong with servers, each with what to do about it. */
export interface Findings {
  /** They cannot be worked with. */
  readonly faults: readonly string[];
  /** They may lose what they were given. */
  readonly losses: readonly string[];
  /** They do not say whether they would. */
  readonly silent: readonly string[];
}

/** What BullMQ 6 supports: https://docs.bullmq.io/guide/redis-tm-compatibility */
const LOWEST = [6, 2] as const;

/** Looks at every server that takes writes. Throws when one does not answer. */
export async function inspect(client: RedisClient): Promise<Findings> {
  const servers = 'nodes' in client ? client.nodes('master') : [client];
  if (servers.length === 0) throw new Error('no server of the cluster can be reached');
  const each = await Promise.all(servers.map(async (server) => judge(await ask(server), placeOf(server))));
  return {
    faults: each.flatMap(({ faults }) => faults),
    losses: each.flatMap(({ losses }) => losses),
    silent: each.flatMap(({ silent }) => silent),
  };
}

/** What one server's words mean for tickets that are entrusted to it. */
export function judge({ version, appendOnly, eviction }: Keeping, place: Host): Findings {
  const name = `Redis ${place.host}:${place.port}`;
  const faults: string[] = [];
  const losses: string[] = [];
  if (version !== null && isTooOld(version))
    faults.push(`${name} is version ${version}; the queues need ${LOWEST.join('.')} or newer`);
  if (appendOnly === false)
    losses.push(`${name} forgets queued tickets when it restarts. ${mend(place, 'appendonly', 'yes')}`);
  if (eviction !== null && eviction !== 'noeviction')
    losses.push(
      `${name} drops queued tickets when its memory is full (${eviction}). ${mend(place, 'maxmemory-policy', 'noeviction')}`,
    );
  const silent = appendOnly === null ? [`${name} does not say whether it keeps queued tickets when it restarts`] : [];
  return { faults, losses, silent };
}

function mend({ host, port }: Host, name: string, value: string): string {
  return (
    `Run: redis-cli -h ${host} -p ${port} CONFIG SET ${name} ${value} – and so that it stays, in redis.conf: ` +
    `${name} ${value} – or, where losing queued tickets is acceptable: REDIS_ACCEPT_LOSS=on`
  );
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < LOWEST[0] || (major === LOWEST[0] && minor < LOWEST[1]);
}

/** `INFO` tells, and is allowed where `CONFIG` is not, as on most managed servers. */
async function ask(server: Redis): Promise<Keeping> {
  try {
    return readInfo(await server.info());
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await server.ping();
    return { version: null, appendOnly: null, eviction: null };
  }
}

/** Reads the reply to `INFO`. */
export function readInfo(info: string): Keeping {
  const fields = new Map(info.split(/\r?\n/).map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)]));
  const aof = fields.get('aof_enabled');
  return {
    version: fields.get('redis_version') ?? null,
    appendOnly: aof === undefined ? null : aof === '1',
    eviction: fields.get('maxmemory_policy') ?? null,
  };
}

/** The first word of a refusal is Redis's code for it. */
function isRefusal(error: unknown): boolean {
  return /^(NOPERM|ERR unknown command)/.test(messageOf(error));
}

/** Where it really is: sentinels and clusters say so in their own time. */
function placeOf({ stream, options }: Redis): Host {
  return {
    host: stream.remoteAddress ?? options.host ?? 'localhost',
    port: stream.remotePort ?? options.port ?? 6379,
  };
}
