import { styleText } from 'node:util';
import { oneLine } from './html/words.ts';

/** What a report for a terminal keeps to. */
const COLUMNS = 110;

/** Characters that take two columns in a terminal: CJK, full-width forms and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\uFE0F/u;
const INVISIBLE = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns two spaces apart, as wide as their widest cell; a header in bold. Cells may hold colour codes. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return align([header.map((cell) => styleText('bold', cell)), ...rows]);
}

/** The same without a header of its own; the columns whose numbers are in `right` end at their right edge. */
export function align(lines: readonly (readonly string[])[], right: readonly number[] = []): string {
  const columns = lines[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    lines.reduce((width, line) => Math.max(width, widthOf(line[column] ?? '')), 0),
  );
  const padded = (cell: string, column: number) => {
    const space = ' '.repeat(Math.max((widths[column] ?? 0) - widthOf(cell), 0));
    return right.includes(column) ? space + cell : cell + space;
  };
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n');
}

/** Cuts a text to a number of terminal columns. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** How many terminal columns a text takes; colour codes take none. */
export function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one
  const bare = text.replace(/\u001B\[\d+m/g, '');
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(bare)) {
    if (!INVISIBLE.test(segment)) width += WIDE.test(segment) ? 2 : 1;
  }
  return width;
}

/** Text from data on one line, in at most so many columns. */
export function name(text: string, columns: number): string {
  return cut(oneLine(text).trim(), columns);
}

/** Breaks a text between words, and never before a percent sign. */
export function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%)/)) {
    const line = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && widthOf(line) <= COLUMNS) lines[lines.length - 1] = line;
    if (lines.length === 0 || widthOf(line) > COLUMNS) lines.push(word);
  }
  return lines.join('\n');
}
