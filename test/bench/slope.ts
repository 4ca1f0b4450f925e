export interface Sample {
  readonly atMs: number;
  readonly mb: number;
}

/** How memory moves by the hour, with half the width of its 95 % interval. */
export interface Slope {
  readonly perHour: number;
  readonly halfWidth: number;
}

const HOUR_MS = 3_600_000;

/**
 * Least squares through samples over time. Neighbouring samples are alike, so the interval counts as many samples as
 * there would be independent ones (lag-1 autocorrelation: von Storch and Zwiers, Statistical Analysis in Climate Research, 6.6).
 */
export function slopeOf(samples: readonly Sample[]): Slope {
  const count = samples.length;
  const meanX = samples.reduce((sum, { atMs }) => sum + atMs, 0) / count;
  const meanY = samples.reduce((sum, { mb }) => sum + mb, 0) / count;
  const spread = samples.reduce((sum, { atMs }) => sum + (atMs - meanX) ** 2, 0);
  const slope = samples.reduce((sum, { atMs, mb }) => sum + (atMs - meanX) * (mb - meanY), 0) / spread;
  const residuals = samples.map(({ atMs, mb }) => mb - meanY - slope * (atMs - meanX));
  const squares = residuals.reduce((sum, one) => sum + one * one, 0);
  const products = residuals.slice(1).reduce((sum, one, index) => sum + one * (residuals[index] ?? 0), 0);
  const alike = Math.min(Math.max(squares === 0 ? 0 : products / squares, 0), 0.99);
  const independent = Math.max((count * (1 - alike)) / (1 + alike), 3);
  const error = Math.sqrt(squares / (independent - 2) / spread) * Math.sqrt(count / independent);
  return { perHour: slope * HOUR_MS, halfWidth: 1.96 * error * HOUR_MS };
}

/** The lowest sample of each stretch of so long. */
export function lowsOf(samples: readonly Sample[], stretchMs: number): readonly Sample[] {
  const [first] = samples;
  const stretches = Map.groupBy(samples, ({ atMs }) => Math.floor((atMs - (first?.atMs ?? 0)) / stretchMs));
  return [...stretches.values()].map((those) => those.reduce((low, one) => (one.mb < low.mb ? one : low)));
}
