/** How many tickets of a group hold each word that is looked at; how many different words they hold in all, and how many they are. */
export interface Tally {
  readonly holders: ReadonlyMap<string, number>;
  readonly words: number;
  readonly tickets: number;
}

/** Strength of the prior in words: a fifth of what is known, or it would drown the data, and no more than this. */
const [PRIOR_SHARE, MOST_PRIOR] = [0.2, 500] as const;

/** Two-sided 95 %. */
const DEVIATIONS = 1.96;
/** Less than four times the odds is a manner of speaking, however significant. */
const LEAST_RATIO = Math.log(4);

/**
 * How much more one group uses a word than another, cautiously: the lower 95 % bound of the log-odds ratio with an
 * informative Dirichlet prior over `all` (Monroe, Colaresi & Quinn 2008, Political Analysis 16(4), eq. 16 to 20), each
 * ticket counting a word once. Not their z-score, which puts a word that others hardly use behind one that many use.
 * 0 for words that tell nothing.
 */
export function telling(
  word: string,
  { own, other, all }: { readonly own: Tally; readonly other: Tally; readonly all: Tally },
): number {
  const strength = Math.min(MOST_PRIOR, PRIOR_SHARE * all.words);
  const prior = (strength * count(word, all)) / Math.max(1, all.words);
  if (prior === 0) return 0;
  const odds = (tally: Tally) => {
    const raised = count(word, tally) + prior;
    return Math.log(raised / Math.max(tally.words + strength - raised, Number.MIN_VALUE));
  };
  const ratio = odds(own) - odds(other);
  const deviation = Math.sqrt(1 / (count(word, own) + prior) + 1 / (count(word, other) + prior));
  return ratio < LEAST_RATIO ? 0 : Math.max(0, ratio - DEVIATIONS * deviation);
}

/** The tickets of several groups as one. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const holders = new Map<string, number>();
  for (const tally of tallies)
    for (const [word, held] of tally.holders) holders.set(word, (holders.get(word) ?? 0) + held);
  const add = (one: 'words' | 'tickets') => tallies.reduce((sum, tally) => sum + tally[one], 0);
  return { holders, words: add('words'), tickets: add('tickets') };
}

function count(word: string, { holders }: Tally): number {
  return holders.get(word) ?? 0;
}
