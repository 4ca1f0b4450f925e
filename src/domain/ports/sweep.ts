/** What a ledger knows of one issue, for holding it against Jira. Ages are by the ledger's own clock, in milliseconds. */
export interface KnownIssue {
  /** It was told of, by any door and with any end, or decided on. */
  readonly isTold: boolean;
  /** Since the last delivery by which we were to learn from it or forget it; null: never. */
  readonly heardAgoMs: number | null;
  /** Since our last edit; null: we never made one. */
  readonly wroteAgoMs: number | null;
}

/** How long a delivery may stay open before it counts as overdue, in milliseconds. */
export interface Patience {
  /** For what Jira told us. */
  readonly toldMs: number;
  /** For what many wait behind: sweeps, and what people asked for. */
  readonly askedMs: number;
  /** By design a decision waits so long before it is written. */
  readonly graceMs: number;
}

/** Holding Jira against the ledger. Every method may throw `TransientError`. */
export interface SweepLedger {
  /** What is known of each of these issues, by id; also of those nothing is known of. */
  knownIssues(ids: readonly string[]): Promise<ReadonlyMap<string, KnownIssue>>;
  /** Ids of the issues behind our last edits, newest first; at most one per edit. */
  lastWritten(limit: number): Promise<readonly string[]>;
  /** How many deliveries are open for longer than that. */
  overdue(patience: Patience): Promise<number>;
}
