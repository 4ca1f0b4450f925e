import { MisconfiguredError } from '../../domain/errors.ts';
import type { ModelSettings } from '../../domain/playbook/model.ts';
import { modelKey, type Playbook } from '../../domain/playbook/playbook.ts';
import { partsOf, type Target } from '../../domain/playbook/target.ts';
import type { Model } from '../../domain/ports/model.ts';
import { calibrate, modelManner } from '../../learning/calibration/calibrate.ts';
import type { Trial } from '../../learning/calibration/trials.ts';
import { modelScoringKey } from '../../learning/lesson.ts';
import { judge } from '../../triage/judge.ts';
import { isLeftOpen, type Proposals } from '../../triage/ladder/consult.ts';
import { type Replayed, trialsFrom } from '../replay.ts';
import type { Hearing } from './hear.ts';

/** Above every confidence: the local classifier's answer never stands, and a model is always asked. */
export const ALWAYS = Number.POSITIVE_INFINITY;

/** The playbook with the model asked below this confidence. Throws `MisconfiguredError` where it names no model. */
export function askedBelow(playbook: Playbook, skipModelAbove: number): Playbook {
  return { ...playbook, model: { ...modelIn(playbook), skipModelAbove } };
}

/** What the playbook says of the model. Throws `MisconfiguredError` where it names none. */
export function modelIn({ model, prompts }: Playbook): ModelSettings {
  if (model && prompts.triage) return model;
  throw new MisconfiguredError([
    'the playbook names no model to ask: add a section "model" with a prompt to playbook.yaml',
  ]);
}

/** Whether the local classifier leaves the target open, so that the service would ask a model about it. */
export function isOpen({ proposals, issue }: Replayed, target: Target, playbook: Playbook): boolean {
  const verdict = judge(proposals, issue, { ...playbook, targets: [target] }).get(target.name);
  return verdict !== undefined && isLeftOpen(target, verdict, playbook);
}

/** What is proposed for a replayed ticket, by whatever rung. */
export interface Proposing {
  readonly replayed: Replayed;
  readonly proposals: Proposals;
}

/** The local classifier's own proposals, as if no model had been asked. */
export function locally({ replayed }: Pick<Proposing, 'replayed'>): Proposing {
  return { replayed, proposals: replayed.proposals };
}

/** The best guess for a target, and what of it would be written. */
export function guessOf({ replayed, proposals }: Proposing, target: Target, playbook: Playbook) {
  const verdict = judge(proposals, replayed.issue, { ...playbook, targets: [target] }).get(target.name);
  const best = verdict?.kind === 'value' ? verdict : verdict?.best;
  return {
    best: partsOf(target, best?.value ?? null),
    confidence: best?.confidence ?? 0,
    written: partsOf(target, verdict?.kind === 'value' ? verdict.value : null),
  };
}

/** What the service would judge the target by: what the model added where it was asked, the local proposals elsewhere. */
export function proposalsAt(hearing: Hearing, target: Target, playbook: Playbook): Proposals {
  return isOpen(hearing.replayed, target, playbook) ? hearing.proposals : hearing.replayed.proposals;
}

/** What the model and the local classifier proposed for one target; none where the model did not answer about it. */
export function modelTrialsOf({ replayed, proposals }: Hearing, target: Target): Trial[] {
  const proposal = proposals.get(target.name);
  return proposal?.model ? trialsFrom(proposal, replayed, target) : [];
}

export interface ModelMeasure {
  readonly target: Target;
  readonly playbook: Playbook;
  readonly model: Model;
  /** The model whose vectors took part in retrieval. */
  readonly embedder: string | null;
}

/** How far the model's answers can be trusted for a target, measured on these trials; null when they cannot tell. */
export function modelCalibration(trials: readonly Trial[], { target, playbook, model, embedder }: ModelMeasure) {
  const recipe = modelScoringKey(playbook, model.model);
  if (recipe === null) return null;
  const { doubt } = playbook.classify;
  return calibrate(trials, { ...modelManner(target, model.endpoint), recipe, embedder, doubt });
}

/** The playbook with that measure in force; with none, the local classifier's answers stand. */
export function measuredBy(trials: readonly Trial[], measure: ModelMeasure): Playbook {
  const { target, playbook, model } = measure;
  const made = modelCalibration(trials, measure);
  const known = made ? [[modelKey(target.name, model.endpoint), made] as const] : [];
  return { ...playbook, modelCalibrations: new Map(known) };
}
