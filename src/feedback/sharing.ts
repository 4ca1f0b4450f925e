interface Waiting<Request, Result> {
  readonly requests: Request[];
  readonly result: Promise<Result>;
}

/**
 * Work on one key at a time. Who asks while it is being worked on waits for the next turn, which serves all who came
 * meanwhile: everybody gets a result that was begun after they asked, and no result is overtaken by an older one.
 */
export function sharing<Request, Result>(
  work: (key: string, requests: readonly Request[]) => Promise<Result>,
): (key: string, request: Request) => Promise<Result> {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Waiting<Request, Result>>();

  const begin = (key: string, requests: readonly Request[]) => {
    const turn = work(key, requests).finally(() => running.delete(key));
    running.set(key, turn);
    return turn;
  };

  const queue = (key: string, request: Request, current: Promise<unknown>) => {
    const requests = [request];
    const isOver = current.catch(() => {});
    const result = isOver.then(() => {
      waiting.delete(key);
      return begin(key, requests);
    });
    waiting.set(key, { requests, result });
    return result;
  };

  return (key, request) => {
    const next = waiting.get(key);
    if (next) {
      next.requests.push(request);
      return next.result;
    }
    const current = running.get(key);
    return current ? queue(key, request, current) : begin(key, [request]);
  };
}
