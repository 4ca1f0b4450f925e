/** A stretch of text that must not leave; two with the same kind and key are the same thing. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What stands in the placeholder: `EMAIL` for `[EMAIL_1]`. */
  readonly kind: string;
  readonly key: string;
}

/** Finds stretches in a text, in time linear in its length. */
export type Finder = (text: string) => Iterable<Span>;

/** Scripts written without spaces: what a name or a number touches there is not part of it. */
export const CJK = String.raw`[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]`;
/** A letter, digit or underscore that would go on with a word, for patterns with flag `v`. */
export const WORDY = String.raw`[[\p{L}\p{M}\p{N}_]--${CJK}]`;

/** What a pattern matches; where it has a group `gone`, only that, which must end where the match ends. */
export function* spansOf(text: string, pattern: RegExp, kind: string): Generator<Span> {
  for (const match of text.matchAll(pattern)) {
    const gone = match.groups?.['gone'] ?? match[0];
    const end = match.index + match[0].length;
    if (gone !== '') yield { start: end - gone.length, end, kind, key: gone };
  }
}

/**
 * Spans in the order of the text, none overlapping: those that overlap become one, so that no rest is left standing
 * between them. It is named after the one that came first in the list.
 */
export function disjoint(spans: readonly Span[]): Span[] {
  const ranked = spans.map((span, rank) => ({ span, rank })).sort((one, other) => one.span.start - other.span.start);
  const merged: { span: Span; rank: number }[] = [];
  for (const { span, rank } of ranked) {
    const last = merged.at(-1);
    if (last === undefined || (span.start >= last.span.end && !goesOn(last.span, span))) {
      merged.push({ span, rank });
      continue;
    }
    const name = rank < last.rank ? span : last.span;
    last.span = { ...name, start: last.span.start, end: Math.max(last.span.end, span.end) };
    last.rank = Math.min(rank, last.rank);
  }
  return merged.map(({ span }) => span);
}

/** The same thing once more, directly behind. */
function goesOn(before: Span, span: Span): boolean {
  return span.start === before.end && span.kind === before.kind && span.key === before.key;
}

const SAYS_SOMETHING = /[\p{L}\p{N}]/u;

/** What is left of `spans` outside of `holes`; both in the order of the text, neither overlapping itself. */
export function outside(spans: readonly Span[], holes: readonly Span[], text: string): Span[] {
  let next = 0;
  return spans.flatMap((span) => {
    while ((holes[next]?.end ?? Number.POSITIVE_INFINITY) <= span.start) next += 1;
    const pieces: Span[] = [];
    let start = span.start;
    for (let at = next; (holes[at]?.start ?? Number.POSITIVE_INFINITY) < span.end; at += 1) {
      pieces.push({ ...span, start, end: holes[at]?.start ?? start });
      start = holes[at]?.end ?? start;
    }
    if (start === span.start) return [span];
    return [...pieces, { ...span, start, end: span.end }].flatMap((piece) => {
      const rest = text.slice(piece.start, piece.end);
      return SAYS_SOMETHING.test(rest) ? [{ ...piece, key: rest }] : [];
    });
  });
}
