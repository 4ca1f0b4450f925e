/** A share with its 95 % Wilson interval; `of` is how many cases it was counted on. */
export interface Share {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly of: number;
}

/** One way to predict, measured on every test ticket it could have known the answer to. Shares are 0 to 1. */
export interface Method {
  /**
   * `triage`: the service. With a model as a rung also `local`, the service without it, and `model`, its own answer, where
   * no answer and "none of these" count as wrong.
   */
  readonly name: 'majority' | 'bm25-knn' | 'linear' | 'local' | 'model' | 'triage';
  readonly accuracy: number;
  readonly macroF1: number;
  readonly top3: number;
  /** Expected calibration error of the confidence, null for methods that state none. */
  readonly ece: number | null;
  /** Not a number (null in JSON) for a model whose answers were all known from before. */
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

/** The service if a model were asked below one confidence; shares and means are over all test tickets. */
export interface LadderPoint {
  /** From this confidence on the local classifier's answer stands. */
  readonly skipModelAbove: number;
  /** Tickets that reach the model. */
  readonly askedShare: number;
  /** Best guess right, written, and right among the written, at the target's own precision. */
  readonly accuracy: number;
  readonly coverage: number;
  readonly precision: number;
  /** What a ticket costs on average, those that are not asked about included. */
  readonly inputTokensPerTicket: number;
  readonly moneyPerTicket: number;
}

/** What asking a language model adds and costs. Every calibration and test ticket was asked about once. */
export interface LadderResult {
  /** `model`: its answers were judged for every ticket; `ladder`: only where the local classifier was not sure. */
  readonly rung: 'model' | 'ladder';
  /** As the endpoint reports it, usually a dated snapshot; null: it answered nothing. */
  readonly model: string | null;
  readonly promptHash: string;
  /** What the playbook says. */
  readonly skipModelAbove: number;
  /** Tickets with something to ask, those of them with an answer, and those that cost nothing this time. */
  readonly asked: number;
  readonly answered: number;
  readonly cached: number;
  /** Tickets without an answer, by what went wrong; the local classifier decided those. */
  readonly failed: Readonly<Record<string, number>>;
  /** Of an answered ticket. */
  readonly tokens: { readonly inputMean: number; readonly inputMedian: number; readonly outputMean: number };
  /** Of a ticket that is asked about, by the playbook's prices; 0 where it names none. */
  readonly moneyPerTicket: number;
  readonly currency: string;
  /** The service without the model: best guess right, written, and right among the written. */
  readonly without: Pick<LadderPoint, 'accuracy' | 'coverage' | 'precision'>;
  /** From asking least to asking always. */
  readonly curve: readonly LadderPoint[];
  /** The service with the model against the service without. */
  readonly beatsLocal: Significance;
  /** The cheapest step of the curve within 0.2 points of the best accuracy; null: no model is needed for that. */
  readonly recommendedSkip: number | null;
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
  /** Only with `--rung model` and `--rung ladder`. */
  readonly ladder?: LadderResult;
}
