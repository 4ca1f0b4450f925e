/** A file before and after, by its path in the repository. */
export interface Edited {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

interface Step {
  readonly mark: ' ' | '-' | '+';
  /** With its line end, if it has one. */
  readonly line: string;
}

const CONTEXT = 3;
/** Pairs of lines that are compared; larger changes are told as one block. */
const MAX_PAIRS = 4_000_000;

/** What changed in a file, as Git writes it and `git apply` reads it; '' for nothing. */
export function unifiedDiff({ path, before, after }: Edited): string {
  if (before === after) return '';
  const steps = stepsBetween(linesOf(before), linesOf(after));
  // A path with a space ends with a tab, or readers take the rest for a date.
  const end = /\s/.test(path) ? '\t' : '';
  const head = `diff --git a/${path} b/${path}\n--- a/${path}${end}\n+++ b/${path}${end}\n`;
  return head + hunksOf(steps).map(hunkText(steps)).join('');
}

function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** The shortest way from one to the other, by the longest common subsequence of what is between equal ends. */
function stepsBetween(before: readonly string[], after: readonly string[]): readonly Step[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (line: string): Step => ({ mark: ' ', line });
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function middle(before: readonly string[], after: readonly string[]): readonly Step[] {
  if (before.length * after.length > MAX_PAIRS) return [...removed(before), ...added(after)];
  const left = commonLengths(before, after);
  const steps: Step[] = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    const [old = '', fresh = ''] = [before[row], after[column]];
    const mark = old === fresh ? ' ' : left(row + 1, column) >= left(row, column + 1) ? '-' : '+';
    steps.push({ mark, line: mark === '+' ? fresh : old });
    row += Number(mark !== '+');
    column += Number(mark !== '-');
  }
  return [...steps, ...removed(before.slice(row)), ...added(after.slice(column))];
}

/** How many lines both still have in common, from each pair of places on. */
function commonLengths(before: readonly string[], after: readonly string[]): (row: number, column: number) => number {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const isSame = before[row] === after[column];
      const longest = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      lengths[row * width + column] = longest;
    }
  }
  return at;
}

function removed(lines: readonly string[]): readonly Step[] {
  return lines.map((line) => ({ mark: '-', line }));
}

function added(lines: readonly string[]): readonly Step[] {
  return lines.map((line) => ({ mark: '+', line }));
}

interface Hunk {
  readonly from: number;
  readonly to: number;
}

/** Changes with the lines around them; those whose surroundings touch are one. */
function hunksOf(steps: readonly Step[]): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { mark }] of steps.entries()) {
    if (mark === ' ') continue;
    const hunk = { from: Math.max(0, index - CONTEXT), to: Math.min(steps.length, index + CONTEXT + 1) };
    const last = hunks.at(-1);
    if (last && hunk.from <= last.to) hunks[hunks.length - 1] = { from: last.from, to: hunk.to };
    else hunks.push(hunk);
  }
  return hunks;
}

function hunkText(steps: readonly Step[]): (hunk: Hunk) => string {
  const countIn = (part: readonly Step[], other: '-' | '+') => part.filter(({ mark }) => mark !== other).length;
  const range = (from: number, length: number) => `${length === 0 ? from : from + 1},${length}`;
  return ({ from, to }) => {
    const [earlier, own] = [steps.slice(0, from), steps.slice(from, to)];
    const old = range(countIn(earlier, '+'), countIn(own, '+'));
    const fresh = range(countIn(earlier, '-'), countIn(own, '-'));
    const lines = own.map(({ mark, line }) =>
      line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`,
    );
    return `@@ -${old} +${fresh} @@\n${lines.join('')}`;
  };
}
