import type { EvaluationResult, LadderPoint, LadderResult } from '../../result.ts';
import { count, DASH, percent } from '../html/words.ts';
import { align, name, wrap } from '../text-table.ts';
import { askedWords, costWords, ladderSentence, moneyWords, recommendation, writtenWords } from './words.ts';

/** What asking a model adds and costs, for a terminal; empty where none was to be asked. */
export function ladderText({ ladder }: EvaluationResult): string {
  if (!ladder) return '';
  const who = `${name(ladder.model ?? 'nobody', 40)}, prompt ${name(ladder.promptHash, 16)}`;
  const cost = `${askedWords(ladder)}; ${costWords(ladder)}.`;
  const lines = [ladderSentence(ladder), writtenWords(ladder), cost, recommendation(ladder)];
  const told = lines.filter((line) => line !== '').map((line) => wrap(line));
  return [`What asking the model adds (${who})`, ...told, '', curveTable(ladder)].join('\n');
}

function curveTable(ladder: LadderResult): string {
  const header = ['  ASKED BELOW', 'ASKED', 'ACCURACY', 'COVERAGE', 'RIGHT', 'TOKENS/TICKET', 'MONEY/TICKET'];
  const never = ['  never', percent(0), ...figuresOf(ladder.without), '0', DASH];
  const rows = ladder.curve.filter((point) => isTelling(point, ladder)).map((point) => rowOf(point, ladder));
  return `> as the playbook says, * recommended; tokens in, over all tickets\n${align([header, never, ...rows], [1, 2, 3, 4, 5, 6])}`;
}

/** A step that asks about no more tickets than the one before tells nothing. */
function isTelling(point: LadderPoint, { curve, skipModelAbove, recommendedSkip }: LadderResult): boolean {
  const before = curve[curve.indexOf(point) - 1];
  const isMarked = point.skipModelAbove === skipModelAbove || point.skipModelAbove === recommendedSkip;
  return isMarked || before?.askedShare !== point.askedShare;
}

function rowOf(point: LadderPoint, { skipModelAbove, recommendedSkip, currency }: LadderResult): string[] {
  const own = point.skipModelAbove === skipModelAbove ? '>' : ' ';
  const best = point.skipModelAbove === recommendedSkip ? ' *' : '';
  return [
    `${own} ${point.skipModelAbove}${best}`,
    percent(point.askedShare),
    ...figuresOf(point),
    count(Math.round(point.inputTokensPerTicket)),
    point.askedShare === 0 ? DASH : moneyWords(point.moneyPerTicket, currency),
  ];
}

function figuresOf({ accuracy, coverage, precision }: LadderResult['without']): string[] {
  return [percent(accuracy), percent(coverage), coverage > 0 ? percent(precision) : DASH];
}
