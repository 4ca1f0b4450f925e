export interface Trouble<Item> {
  readonly error: unknown;
  /** What was not done, the one that failed included. */
  readonly left: readonly Item[];
}

/**
 * Does something for each of many, so many at once. After the first failure nothing more is begun, for where one is in
 * trouble the others may be too. Null when all are done.
 */
export async function inTurn<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<Trouble<Item> | null> {
  const waiting = [...items];
  const failures: { readonly item: Item; readonly error: unknown }[] = [];
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = failures.length > 0 ? undefined : waiting.shift()) {
      const current = item;
      await act(current).catch((error: unknown) => failures.push({ item: current, error }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  const [first] = failures;
  return first ? { error: first.error, left: [...failures.map(({ item }) => item), ...waiting] } : null;
}
