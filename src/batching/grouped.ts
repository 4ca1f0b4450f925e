interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupLimits {
  readonly maxSize: number;
  /** Groups worked on at the same time. */
  readonly maxRunning: number;
}

/**
 * Group commit: while groups are being worked on, arriving items gather and go together as the next. Nobody waits for
 * a timer, and a lone item goes at once. When a group fails, each of its callers gets the error.
 */
export function grouped<Item, Result>(
  { maxSize, maxRunning }: GroupLimits,
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;

  const drain = async () => {
    running++;
    // One turn of the event loop lets the requests that are already in the socket buffers join.
    await new Promise((resume) => setImmediate(resume));
    while (waiting.length > 0) await settle(waiting.splice(0, maxSize), work);
    running--;
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (running < maxRunning) void drain();
    });
}

async function settle<Item, Result>(
  group: readonly Waiting<Item, Result>[],
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<void> {
  try {
    const results = await work(group.map(({ item }) => item));
    if (results.length !== group.length)
      throw new Error(`${group.length} items went in, ${results.length} results came out`);
    for (const [index, result] of results.entries()) group[index]?.resolve(result);
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
