/** How long a server asks to be left alone, in milliseconds; null when it does not say. */
export function askedToWaitMs(headers: Headers, nowMs: number): number | null {
  const precise = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (precise >= 0) return precise;
  const said = headers.get('retry-after');
  if (said !== null) {
    const seconds = Number(said);
    if (seconds >= 0) return seconds * 1000;
    const at = Date.parse(said);
    if (!Number.isNaN(at)) return Math.max(at - nowMs, 0);
  }
  return usedUpForMs(headers);
}

const COUNTED = ['requests', 'tokens'] as const;

/** When nothing is left of what `x-ratelimit-*` counts: until there is again; null when something is left. */
export function usedUpForMs(headers: Headers): number | null {
  const waits = COUNTED.flatMap((what) => {
    const remaining = headers.get(`x-ratelimit-remaining-${what}`);
    if (remaining === null || Number(remaining) > 0) return [];
    return durationMs(headers.get(`x-ratelimit-reset-${what}`) ?? '') ?? [];
  });
  return waits.length === 0 ? null : Math.max(...waits);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** `6m0s`, `120ms` or `1.5s` in milliseconds; a bare number means seconds; null for anything else. */
export function durationMs(text: string): number | null {
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text) * 1000;
  const parts = [...text.slice(0, 40).matchAll(/(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS.get(unit ?? '') ?? 0), 0);
}
