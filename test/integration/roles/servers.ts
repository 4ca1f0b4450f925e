import { ownDatabase } from '../../support/database.ts';
import { openProxy, type TcpProxy } from '../../support/proxy.ts';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { type StageOptions, type TestStage, testStage } from '../../support/stage.ts';

export const serverUrl = process.env['TEST_DATABASE_URL'] || undefined;

/** A stage whose rows are on PostgreSQL and whose jobs are there or on a Redis of its own. */
export interface ServedStage extends AsyncDisposable {
  readonly stage: TestStage;
  /** Null where jobs are on PostgreSQL. */
  readonly redis: RedisServer | null;
  /** Between the service and PostgreSQL. */
  readonly database: TcpProxy;
}

/** Opens a database of its own, a line to it that can be cut, and Redis where it is asked for. */
export async function servedStage(
  queue: 'PostgreSQL' | 'Redis',
  { env = {}, ...options }: StageOptions = {},
): Promise<ServedStage> {
  await using opened = new AsyncDisposableStack();
  const url = new URL(opened.use(await ownDatabase(serverUrl ?? '')).url);
  const port = Number(url.port);
  const database = opened.use(await openProxy(() => ({ port })));
  url.port = String(database.port);
  const redis = queue === 'Redis' ? opened.use(await startRedis()) : null;
  const servers = { DATABASE_URL: url.href, ...(redis ? { REDIS_URL: redis.url } : {}) };
  const stage = opened.use(await testStage({ ...options, env: { ...servers, ...env } }));
  const closing = opened.move();
  return { stage, redis, database, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`a minute has passed, and not yet ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}
