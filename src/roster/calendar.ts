import type { LocalMoment } from './local-time.ts';

/** A time away: exact, or on the clocks of whoever it concerns (whole days, events without time zone). `to` is excluded. */
export type AwaySpan =
  | { readonly kind: 'exact'; readonly fromMs: number; readonly toMs: number }
  /** As `2026-12-24T08:00:00`. */
  | { readonly kind: 'local'; readonly from: string; readonly to: string };

/** Times away, as a calendar that was read says. */
export interface Calendar {
  covers(moment: Pick<LocalMoment, 'epochMs' | 'wall'>): boolean;
}

export function calendarOf(spans: readonly AwaySpan[]): Calendar {
  return {
    covers: ({ epochMs, wall }) =>
      spans.some((span) =>
        span.kind === 'exact' ? span.fromMs <= epochMs && epochMs < span.toMs : span.from <= wall && wall < span.to,
      ),
  };
}
