import type { EvaluationResult } from '../result.ts';
import {
  askedFor,
  bestOf,
  bytes,
  count,
  DASH,
  decimal,
  headline,
  judge,
  lostOf,
  milliseconds,
  operatingPoint,
  percent,
  shareWords,
  significanceWords,
  verdictWords,
} from './html/words.ts';
import { ladderText } from './ladder/text.ts';
import { align, name, wrap } from './text-table.ts';

const WORST = 8;

/** The result for a terminal: at most 110 columns, no colours, nothing from a ticket that could steer the terminal. */
export function reportText(result: EvaluationResult): string {
  const parts = [
    title(result),
    split(result),
    methods(result),
    selective(result),
    ladderText(result),
    worstClasses(result),
    features(result),
    significance(result),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function title(result: EvaluationResult): string {
  const chosen = operatingPoint(result);
  const named = { ...result, target: name(result.target, 40) };
  const sentences = [headline(named), ...(chosen && judge(chosen) !== 'none' ? [verdictWords(chosen)] : [])];
  return `${name(result.set, 50)} · ${named.target}\n${wrap(sentences.join(' '))}`;
}

function split({ split: tickets, training, seed, inScopeAuroc }: EvaluationResult): string {
  const learnt = `${count(tickets.history)} tickets learnt from, ${count(tickets.calibration)} for the cut-offs, ${count(tickets.test)} to judge by`;
  const unknown = `${count(tickets.unknown)} of an unknown value`;
  const auroc = inScopeAuroc === null ? '' : ` · AUROC of in scope ${percent(inScopeAuroc)}`;
  const made = `trained in ${decimal(training.seconds, 1)} s, ${bytes(training.modelBytes)}, seed ${seed}${auroc}`;
  return `${wrap(`${learnt} (${unknown}) · order: ${name(tickets.order, 60)}`)}\n${wrap(made)}`;
}

function methods({ methods: rows }: EvaluationResult): string {
  const columns = [
    bestOf(
      rows.map(({ accuracy }) => accuracy),
      'high',
    ),
    bestOf(
      rows.map(({ top3 }) => top3),
      'high',
    ),
    bestOf(
      rows.map(({ macroF1 }) => macroF1),
      'high',
    ),
    bestOf(
      rows.map(({ ece }) => ece),
      'low',
    ),
  ];
  const lines = rows.map((row, index) => {
    const figures = [row.accuracy, row.top3, row.macroF1, row.ece].map((value, column) => {
      const mark = columns[column]?.has(index) ? '*' : ' ';
      return value === null ? `${DASH} ` : `${percent(value)}${mark}`;
    });
    return [row.name, ...figures, milliseconds(row.msPerTicket)];
  });
  const header = ['METHOD', 'ACCURACY ', 'FIRST THREE ', 'MACRO-F1 ', 'CALIBR. ERROR ', 'MS/TICKET'];
  return `If every ticket had to be answered (* best)\n${align([header, ...lines], [1, 2, 3, 4, 5])}`;
}

function selective({ selective: rows, targetPrecision }: EvaluationResult): string {
  const lines = rows.map((row) => [
    `${Math.abs(row.targetPrecision - targetPrecision) < 1e-9 ? '>' : ' '} ${askedFor(row.targetPrecision)}`,
    shareWords(row.precision),
    shareWords(row.coverage),
    count(row.n),
    row.outOfScope === null ? DASH : shareWords(row.outOfScope),
  ]);
  const header = ['  ASKED', 'RIGHT', 'COVERAGE', 'ACTED ON', 'UNKNOWN ACTED ON'];
  return `If only the sure ones are answered (> this report; 95 % intervals)\n${align([header, ...lines], [1, 2, 3, 4])}`;
}

function worstClasses({ classes }: EvaluationResult): string {
  const losing = classes
    .map((one) => ({ ...one, lost: lostOf(one) }))
    .filter(({ lost }) => lost > 0)
    .sort((left, right) => right.lost - left.lost);
  if (losing.length === 0) return '';
  const lines = losing
    .slice(0, WORST)
    .map(({ value, lost, test, recall, precision, worst: [top] }) => [
      name(value, 26),
      count(lost),
      count(test),
      percentOf(recall),
      percentOf(precision),
      top === undefined ? DASH : `${name(top.as, 26)} ${count(top.n)}×`,
    ]);
  const header = ['VALUE', 'LOST', 'OF', 'RECALL', 'PRECISION', 'MOST OFTEN TAKEN FOR'];
  return `Where most tickets are lost\n${align([header, ...lines], [1, 2, 3, 4])}`;
}

function features({ features: rows }: EvaluationResult): string {
  if (rows.length === 0) return '';
  const lines = rows.map(({ without, accuracy, significance: one }) => [
    name(without, 30),
    percent(accuracy),
    significanceWords(one),
  ]);
  return `What each feature beyond text is worth\n${align([['LEFT OUT', 'ACCURACY', 'DIFFERENCE'], ...lines], [1])}`;
}

function significance({ significance: rows }: EvaluationResult): string {
  if (rows.length === 0) return '';
  const lines = rows.map((one) => [
    `${name(one.method, 24)} against ${name(one.against, 24)}`,
    `+${count(one.gained)}`,
    `−${count(one.lost)}`,
    significanceWords(one),
  ]);
  return `Ticket by ticket (+ only the first is right, − only the second)\n${align(lines, [1, 2])}`;
}

function percentOf(share: { readonly value: number; readonly of: number }): string {
  return share.of === 0 ? DASH : percent(share.value);
}
