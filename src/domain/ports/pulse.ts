/** What is open, in one look. */
export interface Backlog {
  readonly open: number;
  /** How long the oldest open delivery is there, by the ledger's clock, in milliseconds; 0 when none is open. */
  readonly oldestMs: number;
}

/** How the values that were decided for a target fared with people. */
export interface TargetQuality {
  readonly target: string;
  /** Written values that were judged, and those of them that people replaced. */
  readonly judged: number;
  readonly overridden: number;
  /**
   * Expected calibration error of all judged values, written or only decided: how far the stated confidence is from the
   * share that people confirmed, over ten bins of equal width, weighted by how many values are in each. 0 is perfect.
   * Naeini, Cooper & Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
   */
  readonly calibrationError: number;
}

/** What is looked at again and again by whoever watches. Every method may throw `TransientError`. */
export interface PulseLedger {
  backlog(): Promise<Backlog>;
  /** By target, of what was judged since this ISO time; without targets of which nothing was. */
  targetQuality(since: string): Promise<readonly TargetQuality[]>;
}
