import { inject } from 'vitest';
import { ownDatabase } from '../../support/database.ts';
import { openProxy, type TcpProxy } from '../../support/proxy.ts';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

/** Where rows and jobs live. */
export const STACKS = ['embedded', 'postgres', 'redis'] as const;
export type StackName = (typeof STACKS)[number];
/** Those whose processes may run apart. */
export const SERVED = ['postgres', 'redis'] as const;

export interface Stack extends AsyncDisposable {
  readonly name: StackName;
  /** What the service's environment says of it. */
  readonly env: Readonly<Record<string, string>>;
  /** The same past the proxies. */
  readonly direct: Readonly<Record<string, string>>;
  /** Null unless the stack has one. */
  readonly redis: RedisServer | null;
  /** Null unless asked for. */
  readonly postgres: PostgresServer | null;
  /** The line to each server, where proxies were asked for. */
  readonly lines: { readonly redis: TcpProxy | null; readonly postgres: TcpProxy | null };
}

export interface StackOptions {
  /** A PostgreSQL server that nobody else uses, to be ended at will. */
  readonly ownPostgres?: boolean;
  /** Between the service and its servers. */
  readonly hasProxies?: boolean;
}

/** Redis is always a server of the stack's own; PostgreSQL is a database of its own on the run's server. */
export async function openStack(name: StackName, options: StackOptions = {}): Promise<Stack> {
  await using opened = new AsyncDisposableStack();
  const env: Record<string, string> = {};
  const direct: Record<string, string> = {};
  let [redis, postgres]: [RedisServer | null, PostgresServer | null] = [null, null];
  const lines: { redis: TcpProxy | null; postgres: TcpProxy | null } = { redis: null, postgres: null };
  if (name !== 'embedded') {
    postgres = options.ownPostgres ? await startPostgres() : null;
    if (postgres) opened.use(postgres);
    const url = new URL(opened.use(await ownDatabase(postgres?.url ?? databaseServer())).url);
    direct['DATABASE_URL'] = url.href;
    if (options.hasProxies) lines.postgres = opened.use(await lineTo(url));
    env['DATABASE_URL'] = url.href;
  }
  if (name === 'redis') {
    redis = opened.use(await startRedis());
    const url = new URL(redis.url);
    direct['REDIS_URL'] = url.href;
    if (options.hasProxies) lines.redis = opened.use(await lineTo(url));
    env['REDIS_URL'] = url.href;
  }
  const closing = opened.move();
  return { name, env, direct, redis, postgres, lines, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Puts a proxy in front of a server and its port into the address. */
async function lineTo(url: URL): Promise<TcpProxy> {
  const port = Number(url.port);
  const proxy = await openProxy(() => ({ port }));
  url.port = String(proxy.port);
  return proxy;
}

function databaseServer(): string {
  const url = inject('faultDatabase');
  if (url === null) throw new Error('PostgreSQL is neither in TEST_DATABASE_URL nor installed');
  return url;
}
