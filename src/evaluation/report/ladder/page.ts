import type { EvaluationResult, LadderPoint, LadderResult } from '../../result.ts';
import { axes, figure, type Plane, path, percentTicks, roundRange } from '../html/frame.ts';
import { at, data, html, type Markup } from '../html/html.ts';
import { HEIGHT, planeOf, WIDTH } from '../html/plots.ts';
import type { Cell } from '../html/tables.ts';
import { count, DASH, percent } from '../html/words.ts';
import {
  answeredLocally,
  askedWords,
  costWords,
  ladderSentence,
  modelVerdict,
  moneyWords,
  recommendation,
  writtenWords,
} from './words.ts';

const KINDS = { better: 'beyond', worse: 'missed', even: 'near' } as const;

/** What asking a model adds and costs; nothing where none was to be asked. */
export function ladderPart({ ladder }: EvaluationResult, id: string): Markup | null {
  if (!ladder) return null;
  return html`<section><h3>What asking the model adds</h3>
<p class="verdict ${KINDS[modelVerdict(ladder.beatsLocal)]}"><strong>${ladderSentence(ladder)}</strong><span>${writtenWords(ladder)}</span><span>${recommendation(ladder)}</span></p>
<dl class="facts"><div><dt>Model</dt><dd>${data(ladder.model ?? DASH)}</dd></div><div><dt>Prompt</dt><dd>${data(ladder.promptHash)}</dd></div><div><dt>Asked</dt><dd>${askedWords(ladder)}</dd></div><div><dt>Cost</dt><dd>${costWords(ladder)}</dd></div></dl>
<div class="plots">${ladderPlot(ladder, `${id}-ladder`)}</div>
</section>
`;
}

/** How accuracy falls as more tickets are left to the local classifier alone. */
function ladderPlot(ladder: LadderResult, id: string): Markup | null {
  const steps = ladder.curve.filter(({ accuracy }) => Number.isFinite(accuracy));
  if (steps.length === 0) return null;
  const points = steps.map((point) => [answeredLocally(point), point.accuracy] as const);
  const alone = [1, ladder.without.accuracy] as const;
  const [from, to] = roundRange([...points, alone].map(([, accuracy]) => accuracy));
  const plane = planeOf([0, 1], [from, to]);
  const line = [...points, alone].toSorted(([one], [other]) => one - other);
  const dots = steps.map((point) => dot(plane, point, ladder));
  return figure(
    {
      id,
      title: 'How much can be left to the local classifier',
      reading:
        'From left to right the model is asked about fewer tickets; the line shows how many best guesses are right. The large dot is what the playbook says, the hollow one the cheapest that is as good as the best.',
      description: describe(steps, ladder),
      numbers: { head: NUMBERS, rows: steps.map((point) => numbersOf(point, ladder)) },
    },
    { width: WIDTH, height: HEIGHT },
    html`${axes(plane, { ticks: percentTicks(0, 1), title: 'answered without the model' }, { ticks: percentTicks(from, to), title: 'accuracy' })}
<path class="line" d="${path(plane, line)}"/>${dots}`,
  );
}

function dot(plane: Plane, point: LadderPoint, { skipModelAbove, recommendedSkip }: LadderResult): Markup {
  const isOwn = point.skipModelAbove === skipModelAbove;
  const isBest = point.skipModelAbove === recommendedSkip;
  const kind = isBest ? 'chosen' : 'dot';
  const radius = isOwn || isBest ? 7 : 3.5;
  const words = `asked below ${point.skipModelAbove}: ${percent(point.askedShare)} of tickets, ${percent(point.accuracy)} right`;
  return html`<circle class="${kind}" cx="${at(plane.x(answeredLocally(point)))}" cy="${at(plane.y(point.accuracy))}" r="${radius}"><title>${words}</title></circle>`;
}

const NUMBERS = [
  'Asked below',
  'Asked',
  'Accuracy',
  'Coverage',
  'Right when written',
  'Tokens per ticket',
  'Money per ticket',
];

function numbersOf(point: LadderPoint, { currency }: LadderResult): Cell[] {
  return [
    String(point.skipModelAbove),
    percent(point.askedShare),
    percent(point.accuracy),
    percent(point.coverage),
    point.coverage > 0 ? percent(point.precision) : DASH,
    count(Math.round(point.inputTokensPerTicket)),
    point.askedShare === 0 ? DASH : moneyWords(point.moneyPerTicket, currency),
  ];
}

function describe(steps: readonly LadderPoint[], { without }: LadderResult): string {
  const last = steps.at(-1);
  const always = last ? `Asking about ${percent(last.askedShare)} of tickets: ${percent(last.accuracy)} right; ` : '';
  return `${always}asking about none: ${percent(without.accuracy)}.`;
}
