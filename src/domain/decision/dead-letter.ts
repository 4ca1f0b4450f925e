/** A job that nobody tries any more, until a person says what to do with it. */
export interface DeadLetter {
  /** The job's own id. */
  readonly id: string;
  readonly queue: string;
  /** As it was queued: keys, never ticket text. */
  readonly payload: unknown;
  /** What it failed of in the end. */
  readonly error: string;
  /** What the last attempts failed of, oldest first. */
  readonly history: readonly string[];
  readonly attempts: number;
  readonly buriedAt: string;
}
