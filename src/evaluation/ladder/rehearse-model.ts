import type { Calibration } from '../../domain/playbook/calibration.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Target } from '../../domain/playbook/target.ts';
import { openOffers } from '../../triage/ladder/consult.ts';
import { showable } from '../../triage/ladder/material.ts';
import { isRight } from '../measure/metrics.ts';
import { paired } from '../measure/summary.ts';
import { type Replayed, truthOf } from '../replay.ts';
import type { Significance } from '../result.ts';
import type { Hearing } from './hear.ts';
import { guessOf, locally, type ModelMeasure, measuredBy, modelCalibration, modelTrialsOf } from './rungs.ts';

/**
 * What a model's answers were worth on the past tickets that reached it and that it answered. `written` and `right` are
 * counted on the tickets the cut-offs were chosen on, which is a little better than what comes; `beatsLocal` is not: no
 * ticket is judged there by what was measured on it.
 */
export interface ModelOutlook {
  readonly of: number;
  /** Best guesses: right by one of the two alone, and by both. */
  readonly localAlone: number;
  readonly modelAlone: number;
  readonly both: number;
  readonly written: number;
  readonly right: number;
  /** Asking the model, against leaving it at the local classifier. */
  readonly beatsLocal: Significance;
}

/** Past tickets with a known truth that would have reached the model, the newest ones; oldest first. */
export function reaching(tried: readonly Replayed[], targets: readonly Target[], context: Reach): readonly Replayed[] {
  const { playbook, sample } = context;
  const found: Replayed[] = [];
  for (const replayed of tried.toReversed()) {
    if (found.length === sample) break;
    if (isReaching(replayed, targets, playbook)) found.push(replayed);
  }
  return found.reverse();
}

interface Reach {
  /** With the local calibrations that decide what is sure enough. */
  readonly playbook: Playbook;
  /** At most so many. */
  readonly sample: number;
}

function isReaching(replayed: Replayed, targets: readonly Target[], playbook: Playbook): boolean {
  const { ticket, issue, proposals } = replayed;
  if (issue.securityLevel !== null && !playbook.privacy.sendRestricted) return false;
  const evidence = showable(replayed.evidence, playbook);
  const open = new Set(openOffers({ issue, evidence, proposals }, playbook).map(({ target }) => target.name));
  return targets.some((target) => open.has(target.name) && truthOf(ticket, target).length > 0);
}

/** Measures, on what a model said of the tickets that reached it, how far it can be trusted for one target. */
export function measureModel(
  hearings: readonly Hearing[],
  measure: ModelMeasure,
): { readonly calibration: Calibration | null; readonly outlook: ModelOutlook } {
  const { target } = measure;
  const answered = hearings.filter((hearing) => modelTrialsOf(hearing, target).length > 0);
  const trials = answered.flatMap((hearing) => modelTrialsOf(hearing, target));
  return { calibration: modelCalibration(trials, measure), outlook: outlookOn(answered, measure) };
}

function outlookOn(answered: readonly Hearing[], measure: ModelMeasure): ModelOutlook {
  const { target, playbook } = measure;
  const trials = answered.flatMap((hearing) => modelTrialsOf(hearing, target));
  const final = measuredBy(trials, measure);
  const asking = outOfFold(answered, measure);
  const judged = answered.map((hearing, index) => {
    const truth = truthOf(hearing.replayed.ticket, target);
    const said = hearing.proposals.get(target.name)?.model?.choice.values ?? [];
    return {
      isLocalRight: isRight({ truth, values: guessOf(locally(hearing), target, playbook).best }),
      isModelRight: isRight({ truth, values: said }),
      isAskingRight: isRight({ truth, values: asking[index] ?? [] }),
      written: { truth, values: guessOf(hearing, target, final).written },
    };
  });
  const written = judged.filter((one) => one.written.values.length > 0);
  return {
    of: judged.length,
    localAlone: judged.filter((one) => one.isLocalRight && !one.isModelRight).length,
    modelAlone: judged.filter((one) => !one.isLocalRight && one.isModelRight).length,
    both: judged.filter((one) => one.isLocalRight && one.isModelRight).length,
    written: written.length,
    right: written.filter((one) => isRight(one.written)).length,
    beatsLocal: paired(
      'triage',
      'local',
      judged.map((one) => [one.isAskingRight, one.isLocalRight]),
    ),
  };
}

const FOLDS = 5;

/** The service's best guess for each ticket, as measured on the other tickets alone. */
function outOfFold(answered: readonly Hearing[], measure: ModelMeasure): (readonly string[])[] {
  const { target } = measure;
  const playbooks = Array.from({ length: FOLDS }, (_, fold) => {
    const others = answered.filter((_, index) => index % FOLDS !== fold);
    return measuredBy(
      others.flatMap((hearing) => modelTrialsOf(hearing, target)),
      measure,
    );
  });
  return answered.map((hearing, index) => guessOf(hearing, target, playbooks[index % FOLDS] ?? measure.playbook).best);
}
