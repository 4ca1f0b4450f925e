import type { PastTicket } from '../../domain/issue.ts';
import type { Playbook } from '../../domain/playbook.ts';
import { partsOf, type Target } from '../../domain/target.ts';
import { scopeScoreOf } from '../../learning/calibrate.ts';
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
}

/** Judges a replayed ticket as the service would have, at every level. */
export function caseOf(replayed: Replayed, { target, playbook, replay, unknown }: CaseContext): Case {
  const { ticket, proposals, evidence, retrieveMs } = replayed;
  const truth = truthOf(ticket, target);
  const startedAt = performance.now();
  const verdict = verdictAt(target.targetPrecision, replayed, { target, playbook });
  const judgedAt = performance.now();
  const linear = linearRanking(ticket, target, { model: replay.model, playbook });
  const linearMs = performance.now() - judgedAt;
  const best = verdict?.kind === 'value' ? verdict : (verdict?.best ?? null);
  const proposal = proposals.get(target.name);
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
      const judged = verdictAt(level, replayed, { target, playbook });
      return partsOf(target, judged?.kind === 'value' ? judged.value : null);
    }),
    top3: proposal?.candidates.slice(0, 3).map(({ value }) => value) ?? [],
    nearest: byCount(
      evidence.slice(0, NEIGHBOURS).flatMap(({ values }) => partsOf(target, values[target.name] ?? null)),
    ),
    linear,
    linearMs,
    retrieveMs,
    ms: replayed.ms + judgedAt - startedAt,
    scope: calibration ? scopeScoreOf(calibration, proposal?.proposed[0]?.signals ?? []) : 0,
  };
}

function verdictAt(
  targetPrecision: number,
  { proposals, issue }: Replayed,
  { target, playbook }: { readonly target: Target; readonly playbook: Playbook },
) {
  return judge(proposals, issue, { ...playbook, targets: [{ ...target, targetPrecision }] }).get(target.name);
}

/** The classifier's values by margin alone, best three; what Jira allows and the neighbours say left aside. */
export function linearRanking(
  ticket: PastTicket,
  target: Target,
  { model, playbook }: { readonly model: LocalModel; readonly playbook: Playbook },
): string[] {
  const linear = model.targets.get(target.name);
  if (!linear) return [];
  const margins = marginsOf(linear, weigh(countFeatures(trainingTicket(ticket, playbook).sample), model.rarity));
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
