import { z } from 'zod';
import { MisconfiguredError } from '../../domain/errors.ts';
import { placeFrom, type RedisPlace } from './redis-url.ts';

/** Redis for the queues; every field is optional. */
export const RedisSchema = z.object({
  /** One server, `redis+sentinel://…` or `redis+cluster://…`; `rediss` for TLS. */
  REDIS_URL: z.string().transform(placeFrom).optional(),
  /** Certificates of those who may sign the servers' ones, in PEM. */
  REDIS_CA: z.string().includes('-----BEGIN CERTIFICATE-----', 'must be certificates in PEM').optional(),
  /** The name in the servers' certificate, where they are addressed by number. */
  REDIS_SERVERNAME: z.string().optional(),
  REDIS_SENTINEL_USERNAME: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  /** Names of all keys begin with it. */
  REDIS_PREFIX: z
    .string()
    .regex(
      /^[\w.-]*(?:\{[\w.-]+\})?[\w.-]*$/,
      'may hold letters, digits, _ - . and one {part} that a cluster keeps together',
    )
    .max(50)
    .default('triage'),
  REDIS_ACCEPT_LOSS: z.enum(['off', 'on']).default('off'),
});

/** Where Redis is and how it is spoken to. It holds passwords, so it is never logged. */
export interface RedisAccess extends RedisPlace {
  /** What the names of all our keys begin with; in a cluster it keeps them on one server. */
  readonly prefix: string;
  /** Null: not encrypted. */
  readonly tls: { readonly ca: string | null; readonly servername: string | null } | null;
  /** Who we are to the sentinels themselves. */
  readonly sentinel: { readonly username: string | null; readonly password: string | null };
  /** Whether a Redis that may forget jobs will do. */
  readonly mayForget: boolean;
}

type RedisEnv = z.output<typeof RedisSchema>;

/** Null: no Redis. Throws `MisconfiguredError` for what fits no such Redis. */
export function redisOf(it: RedisEnv): RedisAccess | null {
  const place = it.REDIS_URL;
  if (place === undefined) return null;
  const faults = misfits(it, place);
  if (faults.length > 0) throw new MisconfiguredError(faults);
  return {
    ...place,
    prefix: place.kind === 'cluster' ? kept(it.REDIS_PREFIX) : it.REDIS_PREFIX,
    tls: place.isEncrypted ? { ca: it.REDIS_CA ?? null, servername: it.REDIS_SERVERNAME ?? null } : null,
    sentinel: { username: it.REDIS_SENTINEL_USERNAME ?? null, password: it.REDIS_SENTINEL_PASSWORD ?? null },
    mayForget: it.REDIS_ACCEPT_LOSS === 'on',
  };
}

function misfits(it: RedisEnv, { kind, isEncrypted }: RedisPlace): string[] {
  const faults: string[] = [];
  for (const name of ['REDIS_CA', 'REDIS_SERVERNAME'] as const)
    if (it[name] !== undefined && !isEncrypted) faults.push(`${name} is set, but REDIS_URL does not begin with rediss`);
  for (const name of ['REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'] as const)
    if (it[name] !== undefined && kind !== 'sentinel') faults.push(`${name} is set, but REDIS_URL names no sentinels`);
  if (it.REDIS_SENTINEL_USERNAME !== undefined && it.REDIS_SENTINEL_PASSWORD === undefined)
    faults.push('REDIS_SENTINEL_PASSWORD is missing beside REDIS_SENTINEL_USERNAME');
  return faults;
}

/** A cluster keeps keys together whose names agree between braces. */
function kept(prefix: string): string {
  return prefix.includes('{') ? prefix : `{${prefix}}`;
}
