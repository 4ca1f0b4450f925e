/** Jira's limits are 20 in 2 s and 100 in 30 s; we stay below, for what leaves us evenly may arrive in a bunch. */
const WINDOWS = [
  { limit: 18, ms: 2_000 },
  { limit: 90, ms: 30_000 },
] as const;
const LONGEST_MS = Math.max(...WINDOWS.map(({ ms }) => ms));
const MOST_WRITES = Math.max(...WINDOWS.map(({ limit }) => limit));
const MAX_ISSUES = 10_000;

/** When which issue was written to lately. Times are milliseconds of one clock. */
export interface IssueWrites {
  /** When the issue may be written to again, not before `from`. */
  nextAt(issue: string, from: number): number;
  /** A write goes then. */
  take(issue: string, at: number): void;
  /** How many issues are remembered. */
  size(): number;
}

export function openIssueWrites(maxIssues = MAX_ISSUES): IssueWrites {
  /** The one whose last write is longest ago first. */
  const writes = new Map<string, readonly number[]>();
  return {
    nextAt: (issue, from) => {
      const times = writes.get(issue) ?? [];
      return Math.max(from, ...WINDOWS.map(({ limit, ms }) => (times.at(-limit) ?? Number.NEGATIVE_INFINITY) + ms));
    },
    take: (issue, at) => {
      const times = [...(writes.get(issue) ?? []), at].sort((one, other) => one - other).slice(-MOST_WRITES);
      writes.delete(issue);
      writes.set(issue, times);
      for (const [oldest, known] of writes) {
        if ((known.at(-1) ?? 0) > at - LONGEST_MS && writes.size <= maxIssues) break;
        writes.delete(oldest);
      }
    },
    size: () => writes.size,
  };
}
