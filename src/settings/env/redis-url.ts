import { z } from 'zod';

export interface Host {
  readonly host: string;
  readonly port: number;
}

/** What `REDIS_URL` says. */
export interface RedisPlace {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** The one server, the sentinels, or some servers of the cluster; never empty. */
  readonly hosts: readonly [Host, ...Host[]];
  /** What the sentinels call the server they watch; null without sentinels. */
  readonly master: string | null;
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly isEncrypted: boolean;
}

/** Scheme, kind, user and password, servers, path. */
const URL_SHAPE = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?$/;
const HOST = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i;
/** A database, the name of a master and perhaps a database, nothing. */
const PATHS = { single: /^(\d{1,4})?$/, sentinel: /^([\w.-]+)(?:\/(\d{1,4})?)?$/, cluster: /^(0)?$/ } as const;

const SHAPES =
  'must look like redis://user:password@host:6379/0, redis+sentinel://user:password@host:26379,host/master/0 or ' +
  'redis+cluster://user:password@host:6379,host (rediss for TLS), with / ? # @ of a password written as %2F %3F %23 %40';
const PATH_FAULTS = {
  single: 'after the host comes the number of a database, or nothing',
  sentinel: 'after the sentinels comes the name of the master they watch, as in redis+sentinel://host/mymaster/0',
  cluster: 'a cluster has no numbered databases; nothing comes after its servers',
} as const;

/** Reads a `REDIS_URL`. No fault repeats any of it: it holds a password. */
export function placeFrom(url: string, context: z.RefinementCtx): RedisPlace {
  const place = read(url);
  if (typeof place !== 'string') return place;
  context.addIssue({ code: 'custom', message: place });
  return z.NEVER;
}

/** The place, or what is wrong. */
function read(url: string): RedisPlace | string {
  const [, scheme, kind = 'single', login, servers = '', path = ''] = URL_SHAPE.exec(url) ?? [];
  if (scheme === undefined) return SHAPES;
  if (!isKind(kind)) return SHAPES;
  const hosts = servers.split(',').map((server) => hostFrom(server, kind === 'sentinel' ? 26_379 : 6379));
  const [first, ...others] = hosts.filter((host) => host !== null);
  if (first === undefined || others.length + 1 < hosts.length) return 'every server must look like redis.example:6379';
  if (kind === 'single' && others.length > 0)
    return 'names several servers; write redis+sentinel:// or redis+cluster:// for them';
  const [whole, name, database] = PATHS[kind].exec(path) ?? [];
  if (whole === undefined) return PATH_FAULTS[kind];
  const credentials = credentialsFrom(login);
  if (typeof credentials === 'string') return credentials;
  return {
    kind,
    hosts: [first, ...others],
    master: kind === 'sentinel' ? (name ?? null) : null,
    database: Number((kind === 'sentinel' ? database : name) ?? 0),
    ...credentials,
    isEncrypted: scheme === 'rediss',
  };
}

function isKind(kind: string): kind is RedisPlace['kind'] {
  return kind in PATHS;
}

function hostFrom(server: string, usualPort: number): Host | null {
  const [whole, address, name, port] = HOST.exec(server.trim()) ?? [];
  const host = address ?? name;
  if (whole === undefined || host === undefined || Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1) return null;
  return { host, port: port === undefined ? usualPort : Number(port) };
}

function credentialsFrom(login: string | undefined): Pick<RedisPlace, 'username' | 'password'> | string {
  if (login === undefined) return { username: null, password: null };
  const colon = login.indexOf(':');
  if (colon < 0 || colon === login.length - 1) return 'a user needs a password: redis://user:password@host';
  try {
    const username = decodeURIComponent(login.slice(0, colon));
    return { username: username === '' ? null : username, password: decodeURIComponent(login.slice(colon + 1)) };
  } catch {
    return 'a % in user or password must be written as %25';
  }
}
