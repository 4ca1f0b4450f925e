const AGO = /^(\d{1,6})(m|h|d)$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** With a zone: what is meant must not depend on where it is read. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** ISO time of `90m`, `2h` or `3d` before now, or of an ISO day (UTC) or time; null for anything else. */
export function sinceOf(text: string, now: Date): string | null {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined && (unit === 'm' || unit === 'h' || unit === 'd'))
    return isoTime(now.getTime() - Number(count) * UNIT_MS[unit]);
  const at = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : isoTime(at);
}

/** Nothing is older than 1970, and databases refuse years that people do not mean. */
function isoTime(ms: number): string {
  return new Date(Math.max(ms, 0)).toISOString();
}
