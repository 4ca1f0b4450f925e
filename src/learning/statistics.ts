/** One point of a calibration curve: a raw score and the value it stands for. */
export interface Knot {
  readonly score: number;
  readonly value: number;
}

/**
 * One-sided lower confidence bound of a share, in [0, 1]: however large the true share, at least 1 − `doubt` of all
 * samples have it at or above their bound. Never above `right / of` while `doubt` ≤ 0.5; 0 where nothing is right.
 * Exact, hence cautious: Clopper & Pearson 1934, Biometrika 26(4), as a quantile of Beta(right, of − right + 1).
 * Throws RangeError unless 0 ≤ right ≤ of and 0 < doubt < 1.
 */
export function lowerBound(right: number, of: number, doubt: number): number {
  if (!(right >= 0 && right <= of && doubt > 0 && doubt < 1)) {
    throw new RangeError(`no bound of ${right} in ${of} with doubt ${doubt}`);
  }
  if (right === 0) return 0;
  let low = 0;
  let high = 1;
  for (let halvings = 0; halvings < 64; halvings++) {
    const middle = (low + high) / 2;
    if (regularisedBeta(middle, right, of - right + 1) <= doubt) low = middle;
    else high = middle;
  }
  return low;
}

/** The mirror of `lowerBound`: the true share is at or below it; 1 where every one is a hit, and where there is none. */
export function upperBound(hits: number, of: number, doubt: number): number {
  return 1 - lowerBound(of - hits, of, doubt);
}

/**
 * Two-sided 95 % confidence interval of a share, within [0, 1] and around `right / of`; all of it where `of` is 0.
 * The score interval without continuity correction: Wilson 1927, JASA 22(158).
 */
export function wilson(right: number, of: number): { low: number; high: number } {
  if (of === 0) return { low: 0, high: 1 };
  const z = 1.959963984540054;
  const share = right / of;
  const shrunk = 1 + z ** 2 / of;
  const centre = (share + z ** 2 / (2 * of)) / shrunk;
  const reach = (z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))) / shrunk;
  return { low: right === 0 ? 0 : Math.max(0, centre - reach), high: right === of ? 1 : Math.min(1, centre + reach) };
}

/**
 * Two-sided p-value, in [0, 1], of "both are equally good" where only one of two was right: `gained` times the new
 * one, `lost` times the old. Exact: twice the smaller tail of Binomial(gained + lost, ½), McNemar 1947, Psychometrika 12.
 */
export function mcNemar(gained: number, lost: number): number {
  const fewer = Math.min(gained, lost);
  if (gained === lost) return 1;
  return Math.min(1, 2 * regularisedBeta(0.5, gained + lost - fewer, fewer + 1));
}

/**
 * The rising curve nearest to the targets (weighted least squares), as one knot per pooled block at its weighted mean
 * score; scores and values strictly ascend, and the weighted mean of the targets is kept. Points of one score count
 * as one; those without a positive weight do not count. Pool adjacent violators: Ayer et al. 1955, Ann. Math. Stat. 26(4).
 */
export function isotonic(points: readonly { score: number; weight: number; target: number }[]): Knot[] {
  const blocks = points
    .filter(({ weight }) => weight > 0)
    .map(({ score, weight, target }) => ({ score, weight, value: target }))
    .sort((left, right) => left.score - right.score);
  const distinct = pool(blocks, (left, right) => left.score === right.score);
  return pool(distinct, (left, right) => left.value >= right.value).map(({ score, value }) => ({ score, value }));
}

/** The value at `score` on the straight lines between the knots, never falling; beyond the ends that of the end; 0 without knots. */
export function interpolate(knots: readonly Knot[], score: number): number {
  let low = 0;
  let high = knots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((knots[middle]?.score ?? Number.NaN) <= score) low = middle + 1;
    else high = middle;
  }
  const before = knots[low - 1];
  const after = knots[low];
  if (!(before && after)) return (before ?? after)?.value ?? 0;
  return between(before.value, after.value, (score - before.score) / (after.score - before.score));
}

/**
 * Mean distance of confidence from the share that is right, over equal-width bins (left-open, as in Guo et al. 2017,
 * ICML, eq. 3) weighted by their size; in [0, 1], 0 without predictions.
 */
export function expectedCalibrationError(
  predictions: readonly { confidence: number; isRight: boolean }[],
  bins = 10,
): number {
  const gaps = new Map<number, number>();
  for (const { confidence, isRight } of predictions) {
    const bin = Math.min(Math.max(Math.ceil(confidence * bins), 1), bins);
    gaps.set(bin, (gaps.get(bin) ?? 0) + Number(isRight) - confidence);
  }
  return gaps.values().reduce((sum, gap) => sum + Math.abs(gap), 0) / Math.max(predictions.length, 1);
}

/**
 * Probability that a random inside score exceeds a random outside one, ties counting half; 0.5 when either is empty.
 * The area under the ROC curve as Mann & Whitney's U: Hanley & McNeil 1982, Radiology 143(1).
 */
export function auroc(inside: readonly number[], outside: readonly number[]): number {
  if (inside.length === 0 || outside.length === 0) return 0.5;
  const rivals = Float64Array.from(outside).sort();
  let below = 0;
  let notAbove = 0;
  let wins = 0;
  for (const score of Float64Array.from(inside).sort()) {
    while ((rivals[below] ?? Number.NaN) < score) below++;
    while ((rivals[notAbove] ?? Number.NaN) <= score) notAbove++;
    wins += (below + notAbove) / 2;
  }
  return wins / (inside.length * outside.length);
}

interface Block extends Knot {
  readonly weight: number;
}

function pool(blocks: readonly Block[], belongTogether: (left: Block, right: Block) => boolean): Block[] {
  const pooled: Block[] = [];
  for (let block of blocks) {
    for (let last = pooled.at(-1); last && belongTogether(last, block); last = pooled.at(-1)) {
      const weight = last.weight + block.weight;
      const part = block.weight / weight;
      block = { score: between(last.score, block.score, part), value: between(last.value, block.value, part), weight };
      pooled.pop();
    }
    pooled.push(block);
  }
  return pooled;
}

// Stays within [from, to] and is monotone in `part` whatever the rounding: the strict order of knots rests on it.
function between(from: number, to: number, part: number): number {
  const point = from + (to - from) * part;
  return from <= to ? Math.min(point, to) : Math.max(point, to);
}

// I_x(a, b), the chance that Binomial(a + b − 1, x) is at least a: DLMF 8.17.5.
function regularisedBeta(x: number, a: number, b: number): number {
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x > (a + 1) / (a + b + 2)) return 1 - (Math.exp(logFront) * betaFraction(1 - x, b, a)) / b;
  return (Math.exp(logFront) * betaFraction(x, a, b)) / a;
}

// The continued fraction DLMF 8.17.22, by Lentz's method; takes about √(a + b) rounds.
function betaFraction(x: number, a: number, b: number): number {
  let numerator = 1;
  let denominator = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = denominator;
  for (let round = 1; round <= 10_000; round++) {
    const top = a + 2 * round;
    const even = (round * (b - round) * x) / ((top - 1) * top);
    const odd = (-(a + round) * (a + b + round) * x) / (top * (top + 1));
    for (const term of [even, odd]) {
      denominator = 1 / awayFromZero(1 + term * denominator);
      numerator = awayFromZero(1 + term / numerator);
      fraction *= numerator * denominator;
    }
    if (Math.abs(numerator * denominator - 1) < 1e-15) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

// Stirling's series (DLMF 5.11.1), exact to 14 digits from 15 on; smaller arguments are lifted there first.
function logGamma(x: number): number {
  let lifted = x;
  let product = 1;
  for (; lifted < 15; lifted++) product *= lifted;
  const square = lifted ** 2;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / lifted;
  return (lifted - 0.5) * Math.log(lifted) - lifted + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}

/** Six decimals, so that files stay readable. `how`: `Math.floor` and `Math.ceil` keep a bound a bound. */
export function sixDecimals(value: number, how: (value: number) => number = Math.round): number {
  return how(value * 1e6) / 1e6;
}
