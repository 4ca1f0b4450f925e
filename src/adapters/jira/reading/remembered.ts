/** Gives what was loaded no longer ago than this many milliseconds, or loads it. */
export type Remembered<T> = (maxAgeMs: number) => Promise<T>;

/** Who asks while it is being loaded waits for that; a failure is not remembered. */
export function remembered<T>(load: () => Promise<T>, now: () => number): Remembered<T> {
  let last: { readonly value: T; readonly at: number } | null = null;
  let loading: Promise<T> | null = null;
  const loadOnce = async () => {
    try {
      const at = now();
      const value = await load();
      last = { value, at };
      return value;
    } finally {
      loading = null;
    }
  };
  return (maxAgeMs) => {
    if (last && now() - last.at < maxAgeMs) return Promise.resolve(last.value);
    loading ??= loadOnce();
    return loading;
  };
}
