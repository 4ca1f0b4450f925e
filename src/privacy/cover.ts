import type { Span } from './span.ts';

/** Stands for an object in a text; part of no word. */
const COVER = '\uFFFC';

/** A text whose placeholders nobody can read as words: `[SECRET_1]: x` is no label with a secret. */
export interface Covered {
  /** One mark for every placeholder. */
  readonly text: string;
  /** A span of this text as it stands in the text beneath. */
  beneath(span: Span): Span;
}

/** `holes`: where the placeholders are, in order. */
export function cover(text: string, holes: readonly Span[]): Covered {
  if (holes.length === 0) return { text, beneath: (span) => span };
  let done = 0;
  let readable = '';
  const ends: number[] = [];
  for (const { start, end } of holes) {
    readable += text.slice(done, start) + COVER;
    ends.push(readable.length);
    done = end;
  }
  const place = (at: number) => {
    const passed = countUpTo(ends, at);
    return passed === 0 ? at : at - (ends[passed - 1] ?? 0) + (holes[passed - 1]?.end ?? 0);
  };
  return {
    text: readable + text.slice(done),
    beneath: (span) => ({ ...span, start: place(span.start), end: place(span.end) }),
  };
}

/** How many of the sorted numbers are at most `limit`. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
