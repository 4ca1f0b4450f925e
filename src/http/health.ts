import type { IncomingMessage, ServerResponse } from 'node:http';
import { safeMessageOf } from '../domain/errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { answer } from './answer.ts';
import { beforeDeadline } from './deadline.ts';

/** One check per thing that is needed; a check throws when it is not usable. */
export type Readiness = Readonly<Record<string, () => Promise<void>>>;

type Page = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Alive as long as it answers, whatever it depends on: a restart mends no database. */
export const alivePage: Page = async (_request, response) => answer(response, 200, { status: 'ok' });

/** Ready when every check passes; else 503 with the names of those that fail. Why goes to the log and not to whoever asks. */
export function readyPage({ readiness, log }: { readonly readiness: Readiness; readonly log: Logger }): Page {
  return async (_request, response) => {
    const failing = await failingChecks(readiness, log);
    const isReady = failing.length === 0;
    answer(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', failing });
  };
}

async function failingChecks(readiness: Readiness, log: Logger): Promise<string[]> {
  const results = await Promise.all(
    Object.entries(readiness).map(async ([name, check]) => {
      try {
        await beforeDeadline(check());
        return [];
      } catch (error) {
        log.warn({ name, why: safeMessageOf(error) }, 'not ready');
        return [name];
      }
    }),
  );
  return results.flat();
}
