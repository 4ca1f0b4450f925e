import type { Books } from '../adapters/jira/pace/books.ts';
import { openPace, type Pace } from '../adapters/jira/pace/pace.ts';
import { sharedBooks } from '../adapters/jira/pace/shared.ts';
import { postgresBooks } from '../adapters/postgres/pace.ts';
import { redisBooks } from '../adapters/redis/pace.ts';
import type { Settings } from '../settings/env.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Storage } from './storage.ts';

/** Jira's limits, kept by all replicas together where they share a server. */
export function openSitePace({ jira, storage: { redis, databaseUrl } }: Settings, storage: Storage, log: Logger): Pace {
  const options = {
    onAway: (why: string) => log.warn({ why }, 'the shared limiter is away; each replica takes a quarter meanwhile'),
    onBack: () => log.info('the shared limiter is back'),
  };
  const shared = (store: Books) => openPace({ share: jira.rateShare, books: sharedBooks(store, options) });
  if (redis !== null && storage.redis !== null)
    return shared(redisBooks(storage.redis, { prefix: redis.prefix, site: jira.url }));
  return databaseUrl === null ? openPace({ share: jira.rateShare }) : shared(postgresBooks(storage.sql));
}
