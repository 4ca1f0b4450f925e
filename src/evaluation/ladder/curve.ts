import { PRECISIONS } from '../../domain/playbook/calibration.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Target } from '../../domain/playbook/target.ts';
import type { Model } from '../../domain/ports/model.ts';
import { costOf } from '../../triage/ladder/ask.ts';
import { accuracyOf, isRight } from '../measure/metrics.ts';
import { truthOf } from '../replay.ts';
import type { LadderPoint, LadderResult } from '../result.ts';
import { type Hearing, sumOf } from './hear.ts';
import {
  askedBelow,
  guessOf,
  isOpen,
  locally,
  measuredBy,
  modelIn,
  modelTrialsOf,
  type Proposing,
  proposalsAt,
} from './rungs.ts';

/** Tickets that were asked about whatever the local classifier said, for one target. */
export interface Heard {
  readonly target: Target;
  /** With the local classifier's calibration. */
  readonly playbook: Playbook;
  readonly model: Model;
  readonly calibrating: readonly Hearing[];
  readonly testing: readonly Hearing[];
  readonly isForeign: (hearing: Hearing) => boolean;
}

/** The ladder as it would be if the model were asked from other confidences on: at each step measured anew and judged. */
export function curveOf(heard: Heard): LadderPoint[] {
  const skips = new Set([0, ...PRECISIONS, modelIn(heard.playbook).skipModelAbove, 1]);
  return [...skips].sort((one, other) => one - other).map((skip) => pointAt(skip, heard));
}

/** The playbook that asks below this confidence, with cut-offs measured on the calibration tickets that are then asked about. */
export function ladderAt(skip: number, { target, playbook, model, calibrating }: Heard): Playbook {
  const asking = askedBelow(playbook, skip);
  const reaching = calibrating.filter(({ replayed }) => isOpen(replayed, target, asking));
  const trials = reaching.flatMap((hearing) => modelTrialsOf(hearing, target));
  return measuredBy(trials, { target, playbook: asking, model, embedder: null });
}

/** The service without a model, on the same tickets. */
export function withoutModel(heard: Heard): LadderResult['without'] {
  return figuresOf(heard, heard.playbook, locally);
}

function pointAt(skip: number, heard: Heard): LadderPoint {
  const { target, testing, model } = heard;
  const playbook = ladderAt(skip, heard);
  const asked = testing.filter((hearing) => hearing.asked && isOpen(hearing.replayed, target, playbook));
  const tokens = sumOf(asked.map((hearing) => hearing.tokens));
  return {
    skipModelAbove: skip,
    askedShare: ratio(asked.length, testing.length),
    ...figuresOf(heard, playbook, (hearing) => ({ ...hearing, proposals: proposalsAt(hearing, target, playbook) })),
    inputTokensPerTicket: ratio(tokens.input, testing.length),
    moneyPerTicket: ratio(costOf(tokens, playbook, model.endpoint).money, testing.length),
  };
}

function figuresOf({ target, testing, isForeign }: Heard, playbook: Playbook, by: (hearing: Hearing) => Proposing) {
  const judged = testing.map((hearing) => {
    const { best, written } = guessOf(by(hearing), target, playbook);
    const truth = truthOf(hearing.replayed.ticket, target);
    return { truth, values: best, isWritten: written.length > 0, isForeign: isForeign(hearing) };
  });
  const native = judged.filter((one) => !one.isForeign);
  const written = judged.filter(({ isWritten }) => isWritten);
  return {
    accuracy: accuracyOf(native),
    coverage: ratio(native.filter(({ isWritten }) => isWritten).length, native.length),
    precision: ratio(written.filter(isRight).length, written.length),
  };
}

/** How much accuracy may be given up for fewer questions. */
const WORTH = 0.002;

/**
 * The step that costs least among those nearly as right as the best of all. Null: the local classifier alone is one of
 * them, so no model is needed.
 */
export function recommended(curve: readonly LadderPoint[], localAccuracy: number): number | null {
  const best = Math.max(localAccuracy, ...curve.map(({ accuracy }) => accuracy));
  const isEnough = (accuracy: number) => accuracy >= best - WORTH - 1e-9;
  if (isEnough(localAccuracy)) return null;
  const enough = curve.filter(({ accuracy }) => isEnough(accuracy));
  const [cheapest] = enough.toSorted((one, other) => one.askedShare - other.askedShare);
  return cheapest?.skipModelAbove ?? null;
}

function ratio(part: number, of: number): number {
  return of === 0 ? 0 : part / of;
}
