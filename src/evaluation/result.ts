/** A share with its 95 % Wilson interval; `of` is how many cases it was counted on. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly of: number;
}

/** One way to predict, measured on every test ticket it could have known the answer to. Shares are 0 to 1. */
export interface Method {
  readonly name: 'majority' | 'bm25-knn' | 'linear' | 'triage';
  readonly accuracy: number;
  readonly macroF1: number;
  readonly top3: number;
  /** Expected calibration error of the confidence, null for methods that state none. */
  readonly ece: number | null;
  readonly msPerTicket: number;
}

/** What acting at a target precision gives, the cut-offs having been chosen on the calibration tickets alone. */
export interface Selective {
  readonly targetPrecision: number;
  /** Right among the acted on; 0 of 0 when nothing was sure enough. */
  readonly precision: Share;
  /** Acted on among all tickets in scope. */
  readonly coverage: Share;
  /** Tickets acted on, unknown ones included. */
  readonly n: number;
  /** Acted on among the tickets whose true value the history does not know; null when there are none. */
  readonly outOfScope: Share | null;
}

/** A wrong prediction that happened often, with titles of tickets it happened to. */
export interface Confusion {
  readonly as: string;
  readonly n: number;
  readonly examples: readonly { readonly id: string; readonly title: string }[];
}

export interface ClassResult {
  readonly value: string;
  /** How many history tickets carry it. */
  readonly history: number;
  readonly test: number;
  readonly predicted: number;
  readonly precision: Share;
  readonly recall: Share;
  readonly f1: number;
  /** Share of the tickets predicted as this class that were sure enough to act on, at the target's own precision. */
  readonly coverage: Share;
  /** Right among those. */
  readonly precisionWhenSure: Share;
  readonly worst: readonly Confusion[];
}

/** A paired comparison over the same test tickets (exact McNemar test). */
export interface Significance {
  readonly method: string;
  readonly against: string;
  /** Tickets only the method had right, and tickets only the other had right. */
  readonly gained: number;
  readonly lost: number;
  readonly p: number;
}

/** The stable, documented output of `triage evaluate --json`: one target of one set. */
export interface EvaluationResult {
  readonly set: string;
  readonly target: string;
  /** Numbers of tickets, and in which order they were split. */
  readonly split: {
    readonly order: string;
    readonly history: number;
    readonly calibration: number;
    readonly test: number;
    /** Test tickets whose true value the classifier could not know: at most one history ticket carries it. */
    readonly unknown: number;
  };
  readonly methods: readonly Method[];
  readonly selective: readonly Selective[];
  /** Most frequent first. */
  readonly classes: readonly ClassResult[];
  /** The target precision this report judges by, as the playbook or `--precision` says. */
  readonly targetPrecision: number;
  /** Area under the ROC curve of "is in scope", null without unknown test tickets. */
  readonly inScopeAuroc: number | null;
  /** From the surest ticket to the least sure, thinned to at most 200 points. */
  readonly riskCoverage: readonly { readonly coverage: number; readonly precision: number }[];
  /** Ten equal bins of confidence. */
  readonly reliability: readonly {
    readonly from: number;
    readonly to: number;
    readonly confidence: number;
    readonly accuracy: number;
    readonly n: number;
  }[];
  /** Rows: the truth; columns: the prediction; the most frequent classes, the others joined as "(other)". */
  readonly confusion: { readonly classes: readonly string[]; readonly counts: readonly (readonly number[])[] };
  /** Accuracy on the test tickets after training on this many of the newest history tickets; empty when not asked for. */
  readonly learningCurve: readonly { readonly tickets: number; readonly accuracy: number }[];
  /** Accuracy with each feature beyond text left out; empty when there is none. */
  readonly features: readonly {
    readonly without: string;
    readonly accuracy: number;
    readonly significance: Significance;
  }[];
  readonly significance: readonly Significance[];
  readonly training: { readonly seconds: number; readonly modelBytes: number };
  readonly seed: number;
}
