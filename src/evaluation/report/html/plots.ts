import { wilson } from '../../../learning/statistics.ts';
import type { EvaluationResult } from '../../result.ts';
import { axes, figure, type Plane, path, percentTicks, roundRange, scale, type Tick } from './frame.ts';
import { at, html, type Markup } from './html.ts';
import { askedFor, count, interval, operatingPoint, percent, shareWords } from './words.ts';

/** The usual size of a plot. */
export const WIDTH = 460;
export const HEIGHT = 320;
const SIDES = { left: 52, right: 436 };

type Bin = EvaluationResult['reliability'][number] & { readonly low: number; readonly high: number };

/** How precision falls as more tickets are answered, with the chosen operating point; nothing without a curve. */
export function riskCoveragePlot(result: EvaluationResult, id: string): Markup | null {
  const points = result.riskCoverage;
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  // The first few tickets are too few for a precision: they would only stretch the scale.
  const steady = points.filter(({ coverage }) => coverage >= 0.05).map(({ precision }) => precision);
  const acted = result.selective.filter(({ n }) => n > 0);
  const [from] = roundRange([...steady, result.targetPrecision, ...acted.map(({ precision }) => precision.low)]);
  const plane = planeOf([0, 1], [from, 1]);
  const curve = points.map(({ coverage, precision }) => [coverage, precision] as const);
  const line = path(plane, curve);
  const area = `${line}L${at(plane.x(last.coverage))} ${plane.bottom}L${at(plane.x(first.coverage))} ${plane.bottom}Z`;
  return figure(
    {
      id,
      title: 'How sure is sure enough',
      reading:
        'From left to right more tickets are answered, the surest first; the line shows how many of them are right.',
      description: `Of the surest ${percent(first.coverage)} of tickets ${percent(first.precision)} are right, of all answered ${percent(last.precision)}.`,
      numbers: {
        head: ['Answered', 'Right'],
        rows: everyTenth(points).map(({ coverage, precision }) => [percent(coverage), percent(precision)]),
      },
    },
    { width: WIDTH, height: HEIGHT },
    html`${axes(plane, { ticks: percentTicks(0, 1), title: 'answered (coverage)' }, { ticks: percentTicks(from, 1), title: 'right (precision)' })}
<path class="area" d="${area}"/><path class="line" d="${line}"/>${askedLine(plane, result.targetPrecision)}${otherPoints(plane, result)}${chosenPoint(plane, result)}`,
  );
}

/** Accuracy against the number of past tickets learnt from; nothing when it was not measured. */
export function learningPlot({ learningCurve }: EvaluationResult, id: string): Markup | null {
  const first = learningCurve[0];
  const last = learningCurve.at(-1);
  if (first === undefined || last === undefined) return null;
  const sizes = learningCurve.map(({ tickets }) => Math.log10(Math.max(tickets, 1)));
  const [from, to] = roundRange(learningCurve.map(({ accuracy }) => accuracy));
  const plane = planeOf([Math.min(...sizes), Math.max(...sizes)], [from, to]);
  const points = learningCurve.map(({ accuracy }, index) => [sizes[index] ?? 0, accuracy] as const);
  const dots = learningCurve.map(
    ({ tickets, accuracy }, index) =>
      html`<circle class="dot" cx="${at(plane.x(sizes[index] ?? 0))}" cy="${at(plane.y(accuracy))}" r="4.5"><title>${count(tickets)} tickets: ${percent(accuracy)}</title></circle>`,
  );
  return figure(
    {
      id,
      title: 'What more history would bring',
      reading:
        'Accuracy after learning from this many of the newest past tickets. Each step to the right multiplies them.',
      description: `From ${count(first.tickets)} tickets ${percent(first.accuracy)}, from ${count(last.tickets)} ${percent(last.accuracy)}.`,
      numbers: {
        head: ['Past tickets', 'Accuracy'],
        rows: learningCurve.map(({ tickets, accuracy }) => [count(tickets), percent(accuracy)]),
      },
    },
    { width: WIDTH, height: HEIGHT },
    html`${axes(plane, { ticks: logTicks(learningCurve), title: 'past tickets (logarithmic)' }, { ticks: percentTicks(from, to), title: 'accuracy' })}
<path class="line" d="${path(plane, points)}"/>${dots}`,
  );
}

/** Whether a stated confidence can be taken at its word, with the number of tickets per bin; nothing without tickets. */
export function calibrationPlot(result: EvaluationResult, id: string): Markup | null {
  const bins = filledBins(result);
  const widest = bins.reduce((most, { n }) => Math.max(most, n), 0);
  if (widest === 0) return null;
  const above = planeOf([0, 1], [0, 1], { top: 28, bottom: 268 });
  const below = planeOf([0, 1], [0, widest], { top: 304, bottom: 352 });
  const ticks = percentTicks(0, 1);
  return figure(
    {
      id,
      title: 'Can its confidence be believed',
      reading:
        'Dots on the dashed line: right as often as it claims. Below it: too sure of itself. Bars: how many tickets.',
      description: describe(bins),
      numbers: {
        head: ['Confidence', 'Mean', 'Right', '95 % interval', 'Tickets'],
        rows: bins.map((bin) => [
          `${at(100 * bin.from)}–${at(100 * bin.to)} %`,
          percent(bin.confidence),
          percent(bin.accuracy),
          interval({ ...bin, of: bin.n }),
          count(bin.n),
        ]),
      },
    },
    { width: WIDTH, height: 400 },
    html`${axes(above, { ticks: [], title: '' }, { ticks, title: 'right' })}<path class="diagonal" d="M${above.left} ${above.bottom}L${above.right} ${above.top}"/>
${bins.map((bin) => dot(above, bin, widest))}
${axes(below, { ticks, title: 'confidence' }, { ticks: [], title: 'tickets' })}${bins.map((bin) => bar(below, bin))}`,
  );
}

/** The inner rectangle of a plot of the usual size. */
export function planeOf(
  x: readonly [number, number],
  y: readonly [number, number],
  { top, bottom }: Pick<Plane, 'top' | 'bottom'> = { top: 28, bottom: HEIGHT - 46 },
): Plane {
  return { ...SIDES, top, bottom, x: scale(x, [SIDES.left, SIDES.right]), y: scale(y, [bottom, top]) };
}

function askedLine(plane: Plane, targetPrecision: number): Markup {
  const height = at(plane.y(targetPrecision));
  return html`<line class="asked" x1="${plane.left}" x2="${plane.right}" y1="${height}" y2="${height}"/><text class="note" x="${plane.right}" y="${at(height - 5)}" text-anchor="end">asked for: ${askedFor(targetPrecision)}</text>`;
}

function otherPoints(plane: Plane, { selective, targetPrecision }: EvaluationResult): readonly Markup[] {
  return selective
    .filter((row) => row.n > 0 && Math.abs(row.targetPrecision - targetPrecision) >= 1e-9)
    .map(
      ({ coverage, precision, targetPrecision: asked }) =>
        html`<circle class="other" cx="${at(plane.x(coverage.value))}" cy="${at(plane.y(precision.value))}" r="4"><title>asked for ${askedFor(asked)}: ${shareWords(precision)} right, ${percent(coverage.value)} answered</title></circle>`,
    );
}

function chosenPoint(plane: Plane, result: EvaluationResult): Markup | null {
  const chosen = operatingPoint(result);
  if (chosen === undefined || chosen.precision.of === 0) return null;
  const { coverage, precision } = chosen;
  const x = at(plane.x(coverage.value));
  const y = at(plane.y(precision.value));
  const isLate = coverage.value > 0.6;
  const side = isLate ? x - 8 : x + 8;
  return html`<line class="drop" x1="${x}" x2="${x}" y1="${y}" y2="${plane.bottom}"/><line class="whisker" x1="${x}" x2="${x}" y1="${at(plane.y(precision.low))}" y2="${at(plane.y(precision.high))}"/><circle class="chosen" cx="${x}" cy="${y}" r="7"><title>${shareWords(precision)} right, ${shareWords(coverage)} answered</title></circle>
<text class="note strong" text-anchor="${isLate ? 'end' : 'start'}"><tspan x="${side}" y="${plane.bottom - 28}">${percent(coverage.value)} answered,</tspan><tspan x="${side}" y="${plane.bottom - 11}">${percent(precision.value)} right</tspan></text>`;
}

/** The points nearest to each tenth of coverage. */
function everyTenth(points: EvaluationResult['riskCoverage']): EvaluationResult['riskCoverage'] {
  const tenths = Array.from({ length: 10 }, (_, index) => (index + 1) / 10);
  const nearest = tenths.map((tenth) =>
    points.reduce((best, point) => (Math.abs(point.coverage - tenth) < Math.abs(best.coverage - tenth) ? point : best)),
  );
  return [...new Set(nearest)];
}

/** The measured sizes, as long as they leave room for their labels. */
function logTicks(curve: EvaluationResult['learningCurve']): readonly Tick[] {
  const sizes = curve.map(({ tickets }) => Math.max(tickets, 1));
  const room = Math.log10(Math.max(...sizes) / Math.min(...sizes)) / 8;
  let shown = Number.NEGATIVE_INFINITY;
  return sizes.flatMap((size) => {
    const value = Math.log10(size);
    if (value - shown < room) return [];
    shown = value;
    return [{ value, label: count(size) }];
  });
}

function filledBins({ reliability }: EvaluationResult): readonly Bin[] {
  return reliability
    .filter(({ n }) => n > 0)
    .map((bin) => ({ ...bin, ...wilson(Math.min(Math.max(Math.round(bin.accuracy * bin.n), 0), bin.n), bin.n) }));
}

/** The area of a dot stands for its tickets. */
function dot(plane: Plane, bin: Bin, widest: number): Markup {
  const x = at(plane.x(bin.confidence));
  const radius = at(3 + 6 * Math.sqrt(bin.n / widest));
  return html`<line class="whisker" x1="${x}" x2="${x}" y1="${at(plane.y(bin.low))}" y2="${at(plane.y(bin.high))}"/><circle class="dot" cx="${x}" cy="${at(plane.y(bin.accuracy))}" r="${radius}"><title>${percent(bin.confidence)} sure, ${percent(bin.accuracy)} (${interval({ ...bin, of: bin.n })}) right, ${count(bin.n)} tickets</title></circle>`;
}

function bar(plane: Plane, bin: Bin): Markup {
  const left = plane.x(bin.from) + 2;
  const width = plane.x(bin.to) - plane.x(bin.from) - 4;
  const top = plane.y(bin.n);
  return html`<rect class="bar" x="${at(left)}" y="${at(top)}" width="${at(width)}" height="${at(plane.bottom - top)}"/><text class="tick" x="${at(left + width / 2)}" y="${at(top - 4)}" text-anchor="middle">${count(bin.n)}</text>`;
}

function describe(bins: readonly Bin[]): string {
  return bins
    .map(
      ({ confidence, accuracy, n }) => `${percent(confidence)} sure: ${percent(accuracy)} right, ${count(n)} tickets`,
    )
    .join('; ');
}
