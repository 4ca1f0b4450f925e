/** What became of a value that we decided. */
export type OutcomeHow = 'written' | 'suggested' | 'shadowed' | 'control';

/** What people made of what one decision said about one target. Times in milliseconds. */
export interface Outcome {
  readonly decisionId: string;
  readonly issueId: string;
  readonly issueKey: string;
  readonly project: string;
  readonly revision: string;
  readonly target: string;
  /** What we decided. */
  readonly value: string;
  readonly confidence: number;
  readonly how: OutcomeHow;
  /** `unjudged`: nobody did anything yet that says what they think of it. */
  readonly result: 'confirmed' | 'overridden' | 'unjudged';
  /** A person's own act on this very field; else concluded from finished work around a value that stands. */
  readonly isExplicit: boolean;
  /** What a person put in its place; null: cleared, or not overridden. */
  readonly to: string | null;
  /** Account id of the person who judged. */
  readonly by: string | null;
  /** From our write, or from the decision where nothing was written, to the person's act. */
  readonly afterMs: number | null;
  /** From the issue's creation until the field held what it ended with; null while the issue is open or the field empty. */
  readonly settledAfterMs: number | null;
  readonly isFinished: boolean;
  /** ISO time of the act, else of this look. */
  readonly judgedAt: string;
}

/** How written values of one class and revision fared; unjudged ones are left out. */
export interface OverrideRate {
  readonly target: string;
  readonly value: string;
  readonly revision: string;
  readonly judged: number;
  readonly overridden: number;
}

/** How a group of finished tickets fared for one target. */
export interface GroupQuality {
  readonly target: string;
  /** `control`: decided and left alone. */
  readonly group: 'treated' | 'control';
  readonly tickets: number;
  readonly judged: number;
  /** Of the judged ones: what we decided was what they ended with. */
  readonly right: number;
  /** Median time until the field held what it ended with; null without one. */
  readonly medianSettledMs: number | null;
}
