import { z } from 'zod';

/** Redis for the queues; every field is optional. */
export const RedisSchema = z.object({
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Names of all keys begin with it. */
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w{}.-]{1,50}$/, 'may hold letters, digits, _ - . { }')
    .default('triage'),
});

export interface RedisAccess {
  /** With user and password, so it is never logged. */
  readonly url: string;
  readonly prefix: string;
}

/** Null: no Redis. */
export function redisOf(it: z.output<typeof RedisSchema>): RedisAccess | null {
  return it.REDIS_URL === undefined ? null : { url: it.REDIS_URL, prefix: it.REDIS_PREFIX };
}
