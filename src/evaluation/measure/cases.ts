import type { Playbook } from '../../domain/playbook/playbook.ts';
import { partsOf, type Target } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { scopeScoreOf } from '../../learning/calibration/scope.ts';
import { trainingTicket } from '../../learning/lesson.ts';
import { countFeatures, weigh } from '../../learning/linear/features.ts';
import { type LocalModel, marginsOf } from '../../learning/linear/model.ts';
import { judge } from '../../triage/judge.ts';
import { type Replay, type Replayed, truthOf } from '../replay.ts';
import type { Prediction } from './metrics.ts';

/** One test ticket with everything that was said about it. */
export interface Case extends Prediction {
  readonly ticket: PastTicket;
  /** Declared to be none of the classes: right is only to leave it alone. */
  readonly isForeign: boolean;
  /** Whether the classifier could have known the true value. */
  readonly isKnown: boolean;
  readonly confidence: number;
  /** Sure enough at the target's own precision. */
  readonly isSure: boolean;
  /** What would be written at each of `LEVELS`; empty: nothing. */
  readonly written: readonly (readonly string[])[];
  /** Best values, best first. */
  readonly top3: readonly string[];
  /** Values of the ten nearest past tickets, most common first. */
  readonly nearest: readonly string[];
  /** The classifier's best three values by margin alone. */
  readonly linear: readonly string[];
  readonly linearMs: number;
  readonly retrieveMs: number;
  readonly ms: number;
  /** How much the ticket is like the past ones. */
  readonly scope: number;
  /** Absent where no model was to be asked. */
  readonly rungs?: RungAnswers;
}

/** What each rung says by itself; no value: it gave no answer, or said that none fits. */
export interface RungAnswers {
  readonly local: Answers & { readonly confidence: number };
  readonly model: Answers;
  /** How long the model took; null where nobody waited for it. */
  readonly modelMs: number | null;
}

interface Answers {
  readonly values: readonly string[];
  readonly top3: readonly string[];
}

/** The target precisions every report shows. */
export const LEVELS = [0.8, 0.85, 0.9, 0.95] as const;
const NEIGHBOURS = 10;

export interface CaseContext {
  readonly target: Target;
  /** With the calibration to be judged by. */
  readonly playbook: Playbook;
  readonly replay: Replay;
  readonly unknown: string | undefined;
  /** What a target is judged by, where that is not what the local classifier proposed. */
  readonly proposalsFor?: (target: Target) => Replayed['proposals'];
}

/** Judges a replayed ticket as the service would have, at every level. */
export function caseOf(replayed: Replayed, context: CaseContext): Case {
  const { target, playbook, replay, unknown, proposalsFor = () => replayed.proposals } = context;
  const { ticket, issue, evidence, retrieveMs } = replayed;
  const truth = truthOf(ticket, target);
  const verdictAt = (targetPrecision: number) => {
    const at = { ...target, targetPrecision };
    return judge(proposalsFor(at), issue, { ...playbook, targets: [at] }).get(target.name);
  };
  const startedAt = performance.now();
  const verdict = verdictAt(target.targetPrecision);
  const judgedAt = performance.now();
  const linear = linearRanking(ticket, target, { model: replay.model, playbook });
  const linearMs = performance.now() - judgedAt;
  const best = verdict?.kind === 'value' ? verdict : (verdict?.best ?? null);
  const local = replayed.proposals.get(target.name);
  const classes = new Set(replay.model.targets.get(target.name)?.classes.map(({ value }) => value));
  const calibration = playbook.calibrations.get(target.name);
  return {
    ticket,
    truth,
    values: partsOf(target, best?.value ?? null),
    isForeign: unknown !== undefined && truth.includes(unknown),
    isKnown: truth.some((value) => classes.has(value)),
    confidence: best?.confidence ?? 0,
    isSure: verdict?.kind === 'value',
    written: LEVELS.map((level) => {
      const judged = verdictAt(level);
      return partsOf(target, judged?.kind === 'value' ? judged.value : null);
    }),
    top3:
      proposalsFor(target)
        .get(target.name)
        ?.candidates.slice(0, 3)
        .map(({ value }) => value) ?? [],
    nearest: byCount(
      evidence.slice(0, NEIGHBOURS).flatMap(({ values }) => partsOf(target, values[target.name] ?? null)),
    ),
    linear,
    linearMs,
    retrieveMs,
    ms: replayed.ms + judgedAt - startedAt,
    scope: calibration ? scopeScoreOf(calibration, local?.proposed[0]?.signals ?? []) : 0,
  };
}

/** The classifier's values by margin alone, best three; what Jira allows and the neighbours say left aside. */
export function linearRanking(
  ticket: PastTicket,
  target: Target,
  { model, playbook }: { readonly model: LocalModel; readonly playbook: Playbook },
): string[] {
  const linear = model.targets.get(target.name);
  if (!linear) return [];
  const vector = weigh(countFeatures(trainingTicket(ticket, playbook).sample), model.rarity);
  const margins = marginsOf(model, vector).get(target.name) ?? [];
  return linear.classes
    .map(({ value }, index) => ({ value, margin: margins[index] ?? 0 }))
    .sort((one, other) => other.margin - one.margin)
    .slice(0, 3)
    .map(({ value }) => value);
}

/** Most common first; among equals the one met first. */
function byCount(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([value]) => value);
}
