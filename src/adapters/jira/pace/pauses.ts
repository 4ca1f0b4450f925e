const MAX_PAUSES = 10_000;

/** What Jira asked us to leave alone, and until when. Times are milliseconds of one clock. */
export interface Pauses {
  put(what: string, until: number, now: number): void;
  /** The latest end of the pauses of these things; 0 when there is none. */
  endOf(things: readonly string[]): number;
}

export function openPauses(): Pauses {
  const pauses = new Map<string, number>();
  return {
    put: (what, until, now) => {
      for (const [known, end] of pauses) if (end <= now || pauses.size >= MAX_PAUSES) pauses.delete(known);
      pauses.set(what, Math.max(until, pauses.get(what) ?? 0));
    },
    endOf: (things) => Math.max(0, ...things.map((thing) => pauses.get(thing) ?? 0)),
  };
}
