import { wilson } from '../../../learning/statistics.ts';
import type { ClassResult, Confusion, EvaluationResult, Share } from '../../result.ts';
import { data, html, type Markup } from './html.ts';
import { askedFor, bestOf, count, DASH, interval, METHOD_WORDS, milliseconds, percent } from './words.ts';

export type Cell = string | Markup;

/** A table whose first column names its rows and whose others hold figures; it scrolls by itself where it is too wide. */
export function dataTable({
  caption,
  head,
  rows,
}: {
  readonly caption: string;
  readonly head: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
}): Markup {
  const columns = head.map((cell) => html`<th scope="col">${cell}</th>`);
  const lines = rows.map(([first, ...rest]) => {
    const cells = rest.map((cell) => html`<td>${cell}</td>`);
    return html`<tr><th scope="row">${first ?? ''}</th>${cells}</tr>\n`;
  });
  return html`<div class="wide" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption><thead><tr>${columns}</tr></thead><tbody>
${lines}</tbody></table></div>`;
}

/** A share with its interval beneath, or a dash for a share of nothing. */
export function shareCell(share: Share): Markup {
  if (share.of === 0) return html`${DASH}`;
  return html`${percent(share.value)}${intervalPart(share)}`;
}

/** Each way to predict, the best figures marked. */
export function methodsTable({ methods, split }: EvaluationResult): Markup {
  const inScope = split.test - split.unknown;
  const best = {
    accuracy: bestOf(
      methods.map(({ accuracy }) => accuracy),
      'high',
    ),
    macroF1: bestOf(
      methods.map(({ macroF1 }) => macroF1),
      'high',
    ),
    top3: bestOf(
      methods.map(({ top3 }) => top3),
      'high',
    ),
    ece: bestOf(
      methods.map(({ ece }) => ece),
      'low',
    ),
  };
  const rows = methods.map(({ name, accuracy, macroF1, top3, ece, msPerTicket }, index) => [
    html`<span class="name">${name}</span> <small>${METHOD_WORDS[name]}</small>`,
    html`${figureCell(accuracy, best.accuracy.has(index))}${accuracyInterval(accuracy, inScope)}`,
    figureCell(top3, best.top3.has(index)),
    figureCell(macroF1, best.macroF1.has(index)),
    ece === null ? DASH : figureCell(ece, best.ece.has(index)),
    milliseconds(msPerTicket),
  ]);
  return dataTable({
    caption: 'If every ticket had to be answered',
    head: ['Method', 'Accuracy', 'Among first three', 'Macro-F1', 'Calibration error', 'ms per ticket'],
    rows,
  });
}

/** What acting only when sure gives, per target precision; the row the report judges by is marked. */
export function selectiveTable({ selective, targetPrecision }: EvaluationResult): Markup {
  const rows = selective.map((row) => {
    const isChosen = Math.abs(row.targetPrecision - targetPrecision) < 1e-9;
    const asked = askedFor(row.targetPrecision);
    return [
      isChosen ? html`<strong class="best">${asked}</strong> <small>this report</small>` : html`${asked}`,
      shareCell(row.precision),
      shareCell(row.coverage),
      count(row.n),
      row.outOfScope === null ? DASH : shareCell(row.outOfScope),
    ];
  });
  return dataTable({
    caption: 'If only the sure ones are answered',
    head: ['Right, asked for', 'Right, realised', 'Coverage', 'Tickets acted on', 'Of unknown values, acted on'],
    rows,
  });
}

/** What each feature beyond text is worth; nothing when there is none. */
export function featuresTable({ features }: EvaluationResult): Markup | null {
  if (features.length === 0) return null;
  const rows = features.map(({ without, accuracy, significance }) => [
    data(without),
    percent(accuracy),
    html`${data(significance.method)} ${count(significance.gained)} · ${data(significance.against)} ${count(significance.lost)}`,
    pValue(significance.p),
  ]);
  return dataTable({
    caption: 'What each feature beyond text is worth',
    head: ['Left out', 'Accuracy then', 'Right where the other was wrong', 'p'],
    rows,
  });
}

/** Each value with its figures, what it is most often taken for, and tickets it happened to. */
export function classesTable(classes: readonly ClassResult[]): Markup | null {
  if (classes.length === 0) return null;
  const rows = classes.map((one) => [
    data(one.value),
    count(one.history),
    count(one.test),
    shareCell(one.precision),
    shareCell(one.recall),
    one.test + one.predicted === 0 ? DASH : percent(one.f1),
    shareCell(one.coverage),
    shareCell(one.precisionWhenSure),
    worstOf(one.worst),
  ]);
  return dataTable({
    caption: 'Value by value, most frequent first',
    head: [
      'Value',
      'History',
      'Test',
      'Precision',
      'Recall',
      'F1',
      'Sure enough',
      'Right when sure',
      'Most often taken for',
    ],
    rows,
  });
}

function figureCell(value: number, isBest: boolean): Cell {
  const text = percent(value);
  return isBest ? html`<strong class="best">${text}<span class="hidden"> (best)</span></strong>` : text;
}

function accuracyInterval(accuracy: number, of: number): Markup | null {
  if (of <= 0 || !Number.isFinite(accuracy)) return null;
  return intervalPart({ ...wilson(Math.round(accuracy * of), of), of });
}

function intervalPart(share: Omit<Share, 'value'>): Markup | null {
  const text = interval(share);
  return text === '' ? null : html` <small class="interval">${text}</small>`;
}

function pValue(p: number): string {
  if (!Number.isFinite(p)) return DASH;
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

function worstOf(worst: readonly Confusion[]): Markup {
  if (worst.length === 0) return html`${DASH}`;
  return html`${worst.map(confusionPart)}`;
}

function confusionPart({ as, n, examples }: Confusion): Markup {
  const words = html`${data(as)} <span class="times">${count(n)}×</span>`;
  if (examples.length === 0) return html`<div class="taken">${words}</div>`;
  const titles = examples.map(({ id, title }) => html`<li><span class="id">${data(id)}</span> ${data(title)}</li>`);
  return html`<details class="taken"><summary>${words}</summary><ul>${titles}</ul></details>`;
}
