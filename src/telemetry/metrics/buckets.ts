import type { Counter } from 'prom-client';

/** Seconds of something that a machine waits for. */
export const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds of something that a model or a slow site takes. */
export const PATIENT_SECONDS = [...SECONDS, 20, 30, 60];

/** Seconds that a person waits: from one to a day, for an outage belongs to what was waited for. */
export const WAITED_SECONDS = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];

/**
 * Starts a counter at 0 for each of these labels: `increase()` does not see the first event of a series that was not
 * there before (prometheus.io/docs/practices/instrumentation, "avoid missing metrics").
 */
export function fromZero<Label extends string>(
  counter: Counter<Label>,
  all: readonly Readonly<Partial<Record<Label, string>>>[],
): Counter<Label> {
  for (const labels of all) counter.inc(labels, 0);
  return counter;
}

/** Every pair of the values of two labels. */
export function pairs(
  [first, ones]: readonly [string, readonly string[]],
  [second, others]: readonly [string, readonly string[]],
): readonly Readonly<Record<string, string>>[] {
  return ones.flatMap((one) => others.map((other) => ({ [first]: one, [second]: other })));
}
