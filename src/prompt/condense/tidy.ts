import { foldBlobs } from './blobs.ts';
import { cutAt } from './cut.ts';

/** A line of text that is not blank. */
export interface Line {
  readonly text: string;
  /** Lines of the ticket it stands for. */
  readonly stands: number;
  /** Whether a blank line comes before it. */
  readonly isParagraph: boolean;
}

/** Longer texts lose their middle before anything is looked at. */
const MAX_LENGTH = 24_000;
const KEPT_HEAD = 18_000;
const KEPT_TAIL = 6_000;

/** Indentation and columns stay visible, but a page of spaces does not. */
const WIDE_SPACE = /[^\S\n]{9,}/g;
const NARROW_SPACE = ' '.repeat(8);

/** Lines without trailing space; encoded data is named instead of shown. */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let isParagraph = false;
  for (const line of foldBlobs(
    bounded(text)
      .split(/\r\n|[\n\r\u2028\u2029]/)
      .map((line) => line.trimEnd().replace(WIDE_SPACE, NARROW_SPACE)),
  )) {
    if (line !== '') lines.push({ text: line, stands: 1, isParagraph: isParagraph && lines.length > 0 });
    isParagraph = line === '';
  }
  return lines;
}

function bounded(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  const head = text.slice(0, cutAt(text, KEPT_HEAD));
  const tail = text.slice(cutAt(text, text.length - KEPT_TAIL));
  return `${head}\n[… ${text.length - head.length - tail.length} characters left out]\n${tail}`;
}

/** The lines as text. */
export function shown(lines: readonly Line[]): string {
  return lines
    .map(({ text, isParagraph }, index) => `${index === 0 ? '' : isParagraph ? '\n\n' : '\n'}${text}`)
    .join('');
}

/** The longest block of lines whose repetition is recognised. */
const MAX_PERIOD = 6;
/** Shorter lines, such as closing brackets, repeat by nature. */
const MIN_TELLING = 10;
const MIN_TIMES_SHORT = 5;

/**
 * Runs of lines with the same key become the first line and `(×37)`; so do repeated blocks of a few lines, as retries
 * write them, when they come at least `minTimes` times. Reads every line a bounded number of times.
 */
export function collapse(
  lines: readonly Line[],
  keyOf: (text: string) => string,
  { minTimes }: { readonly minTimes: number },
): Line[] {
  const keys = lines.map(({ text }) => keyOf(text));
  const collapsed: Line[] = [];
  for (let start = 0; start < lines.length; ) {
    const { period, times } = repetitionAt(keys, start, minTimes);
    const block = lines.slice(start, start + period);
    const all = lines.slice(start, start + period * times);
    const note = period === 1 ? `(×${standsOf(all)})` : `(these ${period} lines ×${times})`;
    for (const [index, line] of block.entries()) {
      const isLast = times > 1 && index === period - 1;
      collapsed.push(isLast ? { ...line, text: `${line.text} ${note}`, stands: standsOf(all) - period + 1 } : line);
    }
    start += period * times;
  }
  return collapsed;
}

function standsOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { stands }) => sum + stands, 0);
}

function repetitionAt(keys: readonly string[], start: number, minTimes: number): { period: number; times: number } {
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let same = 0;
    while (start + same + period < keys.length && keys[start + same] === keys[start + same + period]) same++;
    const times = Math.floor(same / period) + 1;
    if (times >= timesNeeded(keys[start] ?? '', period, minTimes)) return { period, times };
  }
  return { period: 1, times: 1 };
}

function timesNeeded(key: string, period: number, minTimes: number): number {
  if (key.trim().length < MIN_TELLING) return MIN_TIMES_SHORT;
  return period === 1 ? 2 : minTimes;
}

const LOG_LINE = /\d:\d\d:\d\d|^\s{0,9}\[?(?:trace|debug|info|warn|error|fatal|notice)\b/i;

/** Whether a program wrote the line: it tells a time of day or begins with a level. */
export function isLogLine(text: string): boolean {
  return LOG_LINE.test(text);
}

const NUMBERS = /0x[0-9a-f]+|\b(?=[a-f]*\d)[0-9a-f]{6,}\b|\d+/gi;

/** The line with every number, time and hexadecimal id made equal. */
export function masked(text: string): string {
  return text.replace(NUMBERS, '0');
}
