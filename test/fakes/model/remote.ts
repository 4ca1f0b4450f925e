import { z } from 'zod';
import type { ModelStats, TroubleOrder } from './control.ts';
import type { Share, Trouble } from './gate/troubles/troubles.ts';
import type { LoggedRequest } from './log.ts';

/** A server in another process, by the same names as one in this process, every call a promise. */
export interface RemoteModelServer {
  readonly url: string;
  readonly origin: string;
  trouble(...next: readonly Trouble[]): Promise<void>;
  always(trouble: Trouble | null, share?: Share): Promise<void>;
  stats(): Promise<ModelStats>;
  requests(): Promise<readonly LoggedRequest[]>;
}

/** Takes hold of a running server by the address it printed. */
export function connectModelServer(url: string): RemoteModelServer {
  const { origin } = new URL(url);
  const order = (trouble: TroubleOrder) => call<void>(origin, 'trouble', trouble);
  return {
    url,
    origin,
    trouble: (...next) => order({ next: [...next] }),
    always: (trouble, share) => order({ always: trouble, ...(share ? { share } : {}) }),
    stats: () => call(origin, 'stats'),
    requests: () => call(origin, 'requests'),
  };
}

/** Both ends are this folder, so the answer is taken at its word. */
async function call<Answer>(origin: string, path: string, body?: unknown): Promise<Answer> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${origin}/__model/${path}`, init);
  if (!response.ok) throw new Error(`the model server refused ${path}: ${response.status} ${await response.text()}`);
  return z.custom<Answer>().parse(await response.json());
}
