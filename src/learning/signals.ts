/** A value and how strongly it is proposed; margins are comparable within one ticket and target only. */
export interface Ranked {
  readonly value: string;
  readonly margin: number;
}

/** What is known about one proposed value besides its margin. */
export interface Circumstances {
  /** Share of the neighbours' votes it got, from many and from the nearest few. */
  readonly voteShare: number;
  readonly closeVoteShare: number;
  /** Whether the neighbours would have proposed it too. */
  readonly isNeighboursChoice: boolean;
  /** How much the nearest past ticket is like this one, 0 to 1. */
  readonly likeness: number;
  /** Share of the ticket's words and n-grams that occur in the history. */
  readonly known: number;
  /** Share of past tickets with this value. */
  readonly frequency: number;
}

/** What a confidence is made of, in the order of `signalsOf`. */
export const SIGNALS = [
  'margin',
  'gap',
  'share',
  'voteShare',
  'closeVoteShare',
  'isNeighboursChoice',
  'likeness',
  'known',
  'frequency',
] as const;

/** Positions in `SIGNALS` of what tells whether a ticket is like any past one. */
export const SCOPE_SIGNALS = [0, 6, 7] as const;

/** Sharpness of the softmax over margins; margins of sure tickets differ by about one. */
const SHARPNESS = 4;
/** Keeps logarithms finite. */
const TINY = 1e-6;

/** Shares of all values, in the order given, summing to 1. */
export function sharesOf(ranked: readonly Ranked[]): number[] {
  const best = Math.max(...ranked.map(({ margin }) => margin));
  const weights = ranked.map(({ margin }) => Math.exp(SHARPNESS * (margin - best)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The signals for one of a ticket's values; `ranked` is best first. The gap is to the best of the others. */
export function signalsOf(ranked: readonly Ranked[], value: string, circumstances: Circumstances): number[] {
  const margin = marginOf(ranked, value);
  const other = ranked.find((candidate) => candidate.value !== value);
  const place = ranked.findIndex((candidate) => candidate.value === value);
  const gap = margin - (other?.margin ?? NEVER);
  return signals(margin, { ...circumstances, gap, share: sharesOf(ranked)[place] ?? 0 });
}

/** The margin of a value; one that is not ranked has that of a clear no. */
export function marginOf(ranked: readonly Ranked[], value: string): number {
  return ranked.find((candidate) => candidate.value === value)?.margin ?? NEVER;
}

const NEVER = -1;

/** The signals for one of several values a ticket may carry at once: it competes with nothing but "no". */
export function labelSignalsOf(margin: number, circumstances: Circumstances): number[] {
  return signals(margin, { ...circumstances, gap: margin, share: 1 / (1 + Math.exp(-SHARPNESS * margin)) });
}

/** What a model's answer says about one value, be it the model's or the local classifier's choice. */
export interface Say {
  readonly isModels: boolean;
  readonly isLocals: boolean;
  /** The model found that no value fits. */
  readonly saidNone: boolean;
  /** What the model says of itself, 0 to 1; null when it did not. */
  readonly certainty: number | null;
  /** Natural logarithm; null where not offered. */
  readonly logprob: number | null;
  /** Share of the past tickets it went by that carry this value. */
  readonly citedShare: number;
}

/** What a confidence is made of once a model was asked, in the order of `modelSignals`. */
export const MODEL_SIGNALS = [
  ...SIGNALS,
  'isModels',
  'isLocals',
  'isAgreed',
  'saidNone',
  'certainty',
  'probability',
  'citedShare',
] as const;

/** The signals of a value with what the model says; what speaks for the model's choice speaks against the others. */
export function modelSignals(local: readonly number[], say: Say): number[] {
  const side = say.isModels ? 1 : -1;
  return [
    ...local,
    say.isModels ? 1 : 0,
    say.isLocals ? 1 : 0,
    say.isModels && say.isLocals ? 1 : 0,
    say.saidNone ? 1 : 0,
    side * (say.certainty ?? 0.5),
    // Endpoints have been seen to report more than certainty.
    side * (say.logprob === null ? 0.5 : Math.exp(Math.min(say.logprob, 0))),
    say.citedShare,
  ];
}

function signals(margin: number, it: Circumstances & { readonly gap: number; readonly share: number }): number[] {
  return [
    margin,
    it.gap,
    Math.log((it.share + TINY) / (1 - it.share + TINY)),
    it.voteShare,
    it.closeVoteShare,
    it.isNeighboursChoice ? 1 : 0,
    it.likeness,
    it.known,
    Math.log(it.frequency + TINY),
  ];
}
