import type { LadderPoint, LadderResult, Significance } from '../../result.ts';
import { count, percent } from '../html/words.ts';
import { name } from '../text-table.ts';

const SIGNIFICANT = 0.05;

/** Whether asking a model is worth it, by the tickets it gains and loses. */
export type ModelVerdict = 'better' | 'worse' | 'even';

export function modelVerdict({ gained, lost, p }: Significance): ModelVerdict {
  if (!(p < SIGNIFICANT)) return 'even';
  return gained > lost ? 'better' : 'worse';
}

/** `asking the model gains 21 and loses 9 (p = 0.043): it beats the local classifier`. */
export function modelVerdictWords(significance: Significance): string {
  const { gained, lost, p } = significance;
  const counted = `asking the model gains ${count(gained)} and loses ${count(lost)} (${pWords(p)})`;
  const verdict = modelVerdict(significance);
  switch (verdict) {
    case 'better':
      return `${counted}: it beats the local classifier`;
    case 'worse':
      return `${counted}: it is worse than the local classifier alone: leave \`model\` out or lower skipModelAbove`;
    case 'even':
      return `${counted}: it does not beat the local classifier: leave \`model\` out or lower skipModelAbove`;
    default:
      return verdict satisfies never;
  }
}

function pWords(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${Number(p.toPrecision(2))}`;
}

/** The verdict as a sentence of its own. */
export function ladderSentence({ answered, beatsLocal }: LadderResult): string {
  if (answered === 0) return 'The model answered nothing, so all figures are those of the local classifier.';
  const words = modelVerdictWords(beatsLocal);
  return `On the test tickets ${words}.`;
}

/** What is written by itself with the model and without; empty where the curve does not tell. */
export function writtenWords({ without, curve, skipModelAbove }: LadderResult): string {
  const own = curve.find((point) => point.skipModelAbove === skipModelAbove);
  const share = ({ coverage, precision }: LadderResult['without']) =>
    `${percent(coverage)} written${coverage > 0 ? ` (${percent(precision)} right)` : ''}`;
  return own ? `Sure enough by itself: ${share(without)} without the model, ${share(own)} with it.` : '';
}

/** From where on asking is worth its cost. */
export function recommendation({ recommendedSkip, without, curve, skipModelAbove }: LadderResult): string {
  const best = percent(Math.max(without.accuracy, ...curve.map(({ accuracy }) => accuracy)));
  const point = curve.find((one) => one.skipModelAbove === recommendedSkip);
  if (curve.length === 0) return '';
  if (recommendedSkip === null || !point)
    return 'Cheapest within 0.2 points of the best accuracy: no model at all, the local classifier decides alone.';
  const now = recommendedSkip === skipModelAbove ? ', as it is' : '';
  return `Cheapest within 0.2 points of the best accuracy (${best}): skipModelAbove: ${recommendedSkip}${now}, which asks about ${percent(point.askedShare)} of tickets.`;
}

/** What was asked, by whom it was answered, and what became of the rest. */
export function askedWords({ asked, answered, cached, failed }: LadderResult): string {
  const failures = Object.entries(failed).map(([why, n]) => `${count(n)}× ${name(why, 60)}`);
  const without = failures.length === 0 ? '' : `; without an answer: ${failures.join(', ')}`;
  return `${count(asked)} tickets asked about, ${count(answered)} answered, ${count(cached)} known from before${without}`;
}

/** Tokens and money of one ticket that is asked about. */
export function costWords({ tokens, moneyPerTicket, currency }: LadderResult): string {
  const input = `${count(Math.round(tokens.inputMean))} tokens in (median ${count(Math.round(tokens.inputMedian))})`;
  return `${input}, ${count(Math.round(tokens.outputMean))} out, ${moneyWords(moneyPerTicket, currency)} for a ticket that is asked about`;
}

/** An amount with two digits that matter; `price unknown` where the playbook names none. */
export function moneyWords(money: number, currency: string): string {
  if (!(money > 0)) return 'price unknown';
  const digits = money >= 1 ? 2 : Math.min(1 - Math.floor(Math.log10(money)), 8);
  return `${money.toFixed(digits)} ${name(currency, 12)}`;
}

/** The share of tickets that the local classifier answers by itself. */
export function answeredLocally({ askedShare }: LadderPoint): number {
  return 1 - askedShare;
}
