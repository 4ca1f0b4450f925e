import { styleText } from 'node:util';

/** Wide characters (CJK and full-width forms) take two columns in a terminal. */
const WIDE = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u;

/** Columns two spaces apart, as wide as their widest cell; a header in bold. Cells may hold colour codes. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header.map((cell) => styleText('bold', cell)), ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Cuts a text to a number of terminal columns. */
export function cut(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += WIDE.test(character) ? 2 : 1;
    if (width > columns) return `${kept.slice(0, -1)}…`;
    kept += character;
  }
  return kept;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(width - widthOf(cell), 0));
}

function widthOf(cell: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one
  const bare = cell.replace(/\u001B\[\d+m/g, '');
  return [...bare].reduce((width, character) => width + (WIDE.test(character) ? 2 : 1), 0);
}
