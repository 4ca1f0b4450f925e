/**
 * How fast we come back after Jira said that it was too much: from a tenth of the full speed, doubled every two seconds
 * up to half of what was too much (slow start), then a twentieth of the full speed more every second (congestion
 * avoidance), as TCP does (RFC 5681). Full again at most 18.2 s after the pause.
 */
export const SLOWEST = 0.1;
export const DOUBLING_MS = 2_000;
export const GAIN_PER_MS = 0.05 / 1_000;

/** How much may go at once after a silence, in milliseconds of the rate: a fifth of a second's requests. */
export const ALLOWANCE_MS = 200;

/** Jira's limits are 20 in 2 s and 100 in 30 s; we stay below, for what leaves us evenly may arrive in a bunch. */
export const WINDOWS = [
  { limit: 18, ms: 2_000 },
  { limit: 90, ms: 30_000 },
] as const;

/** When slow start begins, and the share of the full speed from which on it goes carefully. */
export interface Speed {
  readonly since: number;
  readonly knee: number;
}

export const FULL_SPEED: Speed = { since: Number.NEGATIVE_INFINITY, knee: 1 };

/** Share of the full speed at a moment, from a tenth to 1. */
export function speedAt({ since, knee }: Speed, at: number): number {
  if (at <= since) return SLOWEST;
  const doubled = SLOWEST * 2 ** ((at - since) / DOUBLING_MS);
  if (doubled <= knee) return doubled;
  return Math.min(1, knee + GAIN_PER_MS * (at - since - timeTo(knee)));
}

/** Slow start from then on, up to half of the speed that was too much. */
export function slowedDown(speed: Speed, { now, until }: { readonly now: number; readonly until: number }): Speed {
  return { since: until, knee: Math.max(SLOWEST, speedAt(speed, now) / 2) };
}

/** As if slow start had just come to this share. */
export function eased(speed: Speed, now: number, share: number): Speed {
  return { ...speed, since: Math.max(speed.since, now - timeTo(Math.min(1, Math.max(SLOWEST, share)))) };
}

/** How long slow start takes to come so far. */
function timeTo(share: number): number {
  return DOUBLING_MS * Math.log2(share / SLOWEST);
}
