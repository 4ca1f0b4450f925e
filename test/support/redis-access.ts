import { parse } from '../../src/settings/env/parse.ts';
import { type RedisAccess, RedisSchema, redisOf } from '../../src/settings/env/redis.ts';

/** What the settings make of a URL and of further variables. */
export function redisAccess(url: string, env: Readonly<Record<string, string>> = {}): RedisAccess {
  const access = redisOf(parse(RedisSchema, { REDIS_URL: url, ...env }));
  if (access === null) throw new Error('no REDIS_URL');
  return access;
}
