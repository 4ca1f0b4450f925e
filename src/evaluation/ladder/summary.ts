import type { Playbook } from '../../domain/playbook/playbook.ts';
import { costOf } from '../../triage/ladder/ask.ts';
import type { Case } from '../measure/cases.ts';
import { mean } from '../measure/metrics.ts';
import { pairedWith } from '../measure/summary.ts';
import type { LadderPoint, LadderResult } from '../result.ts';
import { recommended } from './curve.ts';
import { type Hearing, type HearPorts, sumOf } from './hear.ts';
import { modelIn } from './rungs.ts';

export interface Climbed {
  readonly rung: LadderResult['rung'];
  /** The test tickets, each with what every rung said. */
  readonly cases: readonly Case[];
  /** All tickets that were asked about. */
  readonly hearings: readonly Hearing[];
  readonly playbook: Playbook;
  readonly without: LadderResult['without'];
  readonly curve: readonly LadderPoint[];
}

/** What the model added and what it cost. */
export function ladderResult(climbed: Climbed, { model }: HearPorts): LadderResult {
  const { rung, cases, hearings, playbook, without, curve } = climbed;
  const asked = hearings.filter((hearing) => hearing.asked !== null);
  const answered = asked.filter((hearing) => hearing.asked?.endpoint);
  const inputs = answered.map(({ tokens }) => tokens.input);
  const native = cases.filter(({ isForeign }) => !isForeign);
  const settings = modelIn(playbook);
  const { money } = costOf(sumOf(asked.map(({ tokens }) => tokens)), playbook, model.endpoint);
  return {
    rung,
    model: mostCommon(answered.flatMap((hearing) => hearing.asked?.model ?? [])),
    promptHash: playbook.prompts.triage?.hash ?? '',
    skipModelAbove: settings.skipModelAbove,
    asked: asked.length,
    answered: answered.length,
    cached: asked.filter(({ requests }) => requests === 0).length,
    failed: Object.fromEntries(countsOf(hearings.flatMap(({ why }) => why ?? []))),
    tokens: {
      inputMean: mean(inputs),
      inputMedian: median(inputs),
      outputMean: mean(answered.map(({ tokens }) => tokens.output)),
    },
    moneyPerTicket: asked.length === 0 ? 0 : money / asked.length,
    currency: settings.currency,
    without,
    curve,
    beatsLocal: pairedWith('local', native, ({ local }) => local),
    recommendedSkip: recommended(curve, without.accuracy),
  };
}

/** Most common first. */
function countsOf(words: readonly string[]): (readonly [string, number])[] {
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length] as const);
  return counts.sort(([, one], [, other]) => other - one);
}

function mostCommon(words: readonly string[]): string | null {
  return countsOf(words)[0]?.[0] ?? null;
}

/** 0 for no numbers. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return mean(sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1));
}
