import { MisconfiguredError, messageOf, TransientError } from '../../domain/errors.ts';
import { within } from '../closing.ts';
import { inspect } from './check.ts';
import type { RedisAccess, RedisClient } from './connect.ts';

/** How long a start waits for Redis. */
const START_MS = 5_000;
const ANSWER_MS = 2_000;

export interface Guard {
  /** Throws `MisconfiguredError` when Redis would lose jobs, or lets us not in. Waits a few seconds for it at most. */
  prepare(): Promise<void>;
  /** Throws while Redis does not answer or would lose jobs. */
  ping(): Promise<void>;
}

/** Lets no Redis pass that forgets what it acknowledged, unless that was accepted; a new master is looked at, too. */
export function guardOf(
  client: RedisClient,
  { mayForget }: Pick<RedisAccess, 'mayForget'>,
  onError: (error: Error) => void,
): Guard {
  const told = new Set<string>();
  const tell = (problem: string) => {
    if (!told.has(problem)) onError(new Error(problem));
    told.add(problem);
  };

  async function ping(): Promise<void> {
    const found = await within(ANSWER_MS, inspect(client));
    if (found === undefined) throw new TransientError(`Redis did not answer within ${ANSWER_MS} ms`);
    for (const problem of [...found.silent, ...(mayForget ? found.losses : [])]) tell(problem);
    const faults = [...found.faults, ...(mayForget ? [] : found.losses)];
    if (faults.length > 0) throw new MisconfiguredError(faults);
  }

  async function look(): Promise<void> {
    try {
      await ping();
    } catch (error) {
      if (error instanceof MisconfiguredError) throw error;
      onError(new TransientError(AWAY, { cause: error }));
    }
  }

  return {
    ping,
    prepare: async () => {
      const trouble = await untilReady(client);
      // Whatever takes the place of a lost connection may be set up in another way.
      client.on('ready', () => void look().catch(onError));
      if (trouble === null) return await look();
      if (isRefusal(trouble)) throw new MisconfiguredError([`REDIS_URL: Redis does not let us in: ${trouble}`]);
      onError(new TransientError(`${AWAY}: ${trouble}`));
    },
  };
}

const AWAY = 'Redis cannot be reached yet; until it can, webhooks are answered 503 and workers wait';

/** Null once it is there, else what is in the way. */
async function untilReady(client: RedisClient): Promise<string | null> {
  if (client.status === 'ready') return null;
  let trouble = 'no answer';
  const { promise: end, resolve } = Promise.withResolvers<string | null>();
  const note = (error: unknown) => {
    trouble = messageOf(error);
    if (isRefusal(trouble)) resolve(trouble);
  };
  client.once('ready', () => resolve(null));
  // A cluster tells of its servers' errors by another name.
  for (const event of ['error', 'node error']) client.on(event, note);
  const seen = await within(START_MS, end);
  for (const event of ['error', 'node error']) client.off(event, note);
  return seen === undefined ? trouble : seen;
}

/** The first word of an error of Redis is its code. */
function isRefusal(trouble: string): boolean {
  return /^(WRONGPASS|NOAUTH|NOPERM)/.test(trouble);
}
