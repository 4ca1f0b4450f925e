import type { EvaluationResult } from '../../result.ts';
import { cut } from '../text-table.ts';
import { figure } from './frame.ts';
import { at, html, type Markup } from './html.ts';
import { count, oneLine, percent } from './words.ts';

interface Grid {
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  readonly classes: readonly string[];
}

/** The depth from which black figures on a light page turn white, and white ones on a dark page black, to stay at AA. */
const TURN = {
  right: { light: 0.8, dark: 0.57 },
  wrong: { light: Number.POSITIVE_INFINITY, dark: 0.57 },
  others: { light: Number.POSITIVE_INFINITY, dark: 0.74 },
} as const;
const OTHERS = '(other)';

/** What was taken for what: rows are the truth, colours shares of their row; nothing without classes. */
export function heatMap({ confusion }: EvaluationResult, id: string): Markup | null {
  const { classes, counts } = confusion;
  if (classes.length === 0) return null;
  const cell = Math.min(Math.max(620 / classes.length, 27), 56);
  const grid = { left: 204, top: 142, cell, classes };
  const side = cell * classes.length;
  const rows = classes.map((_, row) => rowOf(grid, row, counts[row] ?? []));
  return figure(
    {
      id,
      title: 'What is taken for what',
      reading:
        'A row is what people chose, a column what was predicted. Blue on the diagonal is right, orange beside it wrong; the stronger the colour, the larger the share of its row.',
      description: describe(classes, counts),
    },
    { width: at(grid.left + side + 96), height: at(grid.top + side + 8) },
    html`<text class="side" x="${grid.left - 8}" y="${grid.top - 12}" text-anchor="end">truth ↓ · predicted →</text>${classes.map((name, column) => columnLabel(grid, name, column))}
${rows}`,
  );
}

function columnLabel({ left, top, cell }: Grid, name: string, column: number): Markup {
  const x = at(left + (column + 0.5) * cell + 3);
  const y = top - 8;
  return html`<text class="class" x="${x}" y="${y}" transform="rotate(-48 ${x} ${y})"><title>${name}</title>${cut(oneLine(name), 22)}</text>`;
}

function rowOf(grid: Grid, row: number, counts: readonly number[]): Markup {
  const { left, top, cell, classes } = grid;
  const name = classes[row] ?? '';
  const total = counts.reduce((sum, n) => sum + n, 0);
  const cells = classes.map((_, column) => cellOf(grid, [row, column], { n: counts[column] ?? 0, total }));
  return html`<text class="class" x="${left - 8}" y="${at(top + (row + 0.5) * cell + 4)}" text-anchor="end"><title>${name}: ${count(total)} tickets</title>${cut(oneLine(name), 25)}</text>${cells}\n`;
}

function cellOf(
  { left, top, cell, classes }: Grid,
  [row, column]: readonly [number, number],
  { n, total }: { readonly n: number; readonly total: number },
): Markup {
  const x = at(left + column * cell);
  const y = at(top + row * cell);
  const size = at(cell - 1.5);
  if (n === 0) return html`<rect class="cell" x="${x}" y="${y}" width="${size}" height="${size}"/>`;
  const truth = classes[row] ?? '';
  const share = n / total;
  const kind = kindOf(truth, row, column);
  const words = `${truth}, predicted ${classes[column] ?? ''}: ${count(n)} of ${count(total)} (${percent(share)})`;
  const depth = Math.round((0.08 + 0.92 * share) * 100) / 100;
  const turns = `${depth >= TURN[kind].light ? ' on-light' : ''}${depth >= TURN[kind].dark ? ' on-dark' : ''}`;
  return html`<g><title>${words}</title><rect class="cell" x="${x}" y="${y}" width="${size}" height="${size}"/><rect class="${kind}" x="${x}" y="${y}" width="${size}" height="${size}" fill-opacity="${depth}"/><text class="count${turns}" x="${at(x + size / 2)}" y="${at(y + size / 2 + 4)}" text-anchor="middle">${n}</text></g>`;
}

/** Classes joined as others may be taken for each other: their diagonal is neither right nor wrong. */
function kindOf(truth: string, row: number, column: number): keyof typeof TURN {
  if (row !== column) return 'wrong';
  return truth === OTHERS ? 'others' : 'right';
}

function describe(classes: readonly string[], counts: readonly (readonly number[])[]): string {
  const mistakes = classes.flatMap((truth, row) =>
    classes.map((prediction, column) => ({ truth, prediction, n: row === column ? 0 : (counts[row]?.[column] ?? 0) })),
  );
  const most = mistakes.filter(({ n }) => n > 0).sort((left, right) => right.n - left.n);
  const listed = most
    .slice(0, 3)
    .map(({ truth, prediction, n }) => `${truth} taken for ${prediction} ${count(n)} times`);
  return listed.length === 0 ? 'No ticket was taken for another value.' : `Most often: ${listed.join('; ')}.`;
}
