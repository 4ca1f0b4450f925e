interface Turn<Result> {
  readonly begunAt: number;
  readonly result: Promise<Result>;
}

interface Waiting<Request, Result> {
  readonly requests: Request[];
  readonly result: Promise<Result>;
}

/** Finished turns that may still answer somebody. */
const KEPT = 10_000;

/** What somebody asks for, and since when there is something to see, in milliseconds of the same clock. */
export interface Asked<Request> {
  readonly request: Request;
  readonly since: number;
}

/**
 * Work on one key at a time, and no more often than needed: whoever asks gets a result that was begun after `since`, if
 * need be from a turn that is over. Who asks while the key is being worked on waits for the next turn, which serves all
 * who came meanwhile; so no result is overtaken by an older one.
 */
export function sharing<Request, Result>(
  work: (key: string, requests: readonly Request[]) => Promise<Result>,
  now: () => number,
): (key: string, asked: Asked<Request>) => Promise<Result> {
  const running = new Map<string, Turn<Result>>();
  const waiting = new Map<string, Waiting<Request, Result>>();
  const over = recent<Turn<Result>>(KEPT);

  const begin = (key: string, requests: readonly Request[]): Promise<Result> => {
    const begunAt = now();
    const result = work(key, requests).finally(() => running.delete(key));
    const turn = { begunAt, result };
    running.set(key, turn);
    result.then(
      () => over.set(key, turn),
      () => {},
    );
    return result;
  };

  const queue = (key: string, request: Request, current: Promise<unknown>): Promise<Result> => {
    const requests = [request];
    const isOver = current.catch(() => {});
    const result = isOver.then(() => {
      waiting.delete(key);
      return begin(key, requests);
    });
    waiting.set(key, { requests, result });
    return result;
  };

  return (key, { request, since }) => {
    const current = running.get(key);
    const known = current ?? over.get(key);
    if (known && known.begunAt > since) return known.result;
    const next = waiting.get(key);
    if (next) {
      next.requests.push(request);
      return next.result;
    }
    return current ? queue(key, request, current.result) : begin(key, [request]);
  };
}

/** The newest entries; an older one of the same key is replaced. */
function recent<Value>(limit: number) {
  const entries = new Map<string, Value>();
  return {
    get: (key: string) => entries.get(key),
    set: (key: string, value: Value) => {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    },
  };
}
