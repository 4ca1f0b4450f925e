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

/** The signals for a ticket's best value; `ranked` is best first and not empty. */
export function signalsOf(ranked: readonly Ranked[], circumstances: Circumstances): number[] {
  const [best, second] = ranked;
  const margin = best?.margin ?? 0;
  return signals(margin, { ...circumstances, gap: margin - (second?.margin ?? -1), share: sharesOf(ranked)[0] ?? 0 });
}

/** The signals for one of several values a ticket may carry at once: it competes with nothing but "no". */
export function labelSignalsOf(margin: number, circumstances: Circumstances): number[] {
  return signals(margin, { ...circumstances, gap: margin, share: 1 / (1 + Math.exp(-SHARPNESS * margin)) });
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
