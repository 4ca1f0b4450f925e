import { MisconfiguredError } from '../domain/errors.ts';
import type { PastTicket } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Target } from '../domain/target.ts';
import { calibrate } from '../learning/calibrate.ts';
import { scoringKey } from '../learning/lesson.ts';
import type { Split } from './dataset.ts';
import { featuresWorth, learningCurve } from './measure/ablation.ts';
import { type Case, caseOf } from './measure/cases.ts';
import { classResults, confusionOf } from './measure/classes.ts';
import { reliability, riskCoverage } from './measure/metrics.ts';
import { confidencesOf, inScopeAuroc, methodsOf, selectiveOf, significancesOf } from './measure/summary.ts';
import { openReplay, type Replay, type ReplayPorts, trialsOf, truthOf } from './replay.ts';
import type { EvaluationResult } from './result.ts';

export interface EvaluationTask {
  /** Name of the set, for the report. */
  readonly set: string;
  /** Name of the target in the playbook. */
  readonly target: string;
  /** What the target is called in the report; its own name when absent. */
  readonly label?: string;
  readonly playbook: Playbook;
  readonly split: Split;
  /** A value that means "none of the classes". */
  readonly unknown?: string;
  /** Propose only values that the ticket's own project has in its history. */
  readonly isPerProject?: boolean;
  /** Train again on less history, and without each feature: takes several times as long. */
  readonly isThorough?: boolean;
}

export interface Evaluation {
  readonly result: EvaluationResult;
  readonly cases: readonly Case[];
}

export interface EvaluatePorts extends ReplayPorts {
  readonly onProgress?: (done: number, of: number) => void;
}

/** Learns the history, calibrates on what came next, and judges what came last, as the service would have. */
export async function evaluate(task: EvaluationTask, ports: EvaluatePorts): Promise<Evaluation> {
  const { split, unknown } = task;
  const target = targetOf(task.playbook, task.target);
  const replay = await openReplay({ ...task, history: split.history }, ports);
  if (!replay.model.targets.has(target.name) || split.test.length === 0) throw tooLittle(task);
  const advance = counter(split.calibration.length + split.test.length, ports.onProgress);
  const playbook = await calibrated(task, { target, replay, advance });
  const cases: Case[] = [];
  for (const ticket of split.test) {
    const replayed = await replay.propose(ticket);
    if (truthOf(ticket, target).length > 0) cases.push(caseOf(replayed, { target, playbook, replay, unknown }));
    advance();
  }
  const ablation = { target, playbook, history: split.history, cases };
  const curve = task.isThorough ? await learningCurve(ablation) : [];
  const features = task.isThorough ? await featuresWorth(ablation) : [];
  return { result: { ...resultOf(task, target, { cases, replay }), learningCurve: curve, features }, cases };
}

function tooLittle({ set, label, target, split }: EvaluationTask): MisconfiguredError {
  const { history, calibration, test } = split;
  return new MisconfiguredError([
    `${set}: nothing to judge ${label ?? target} by: ${history.length} tickets to learn from, ${calibration.length} for the cut-offs, ${test.length} to judge; the first need two values that occur twice or more`,
  ]);
}

/** The playbook with the target's calibration as measured on the calibration tickets alone. */
async function calibrated(
  { split, playbook }: EvaluationTask,
  { target, replay, advance }: { readonly target: Target; readonly replay: Replay; readonly advance: () => void },
): Promise<Playbook> {
  const trials = [];
  for (const ticket of split.calibration) {
    trials.push(...trialsOf(await replay.propose(ticket), target, { model: replay.model, playbook }));
    advance();
  }
  const { doubt } = playbook.classify;
  const options = { target: target.name, recipe: scoringKey(playbook), embedder: null, doubt };
  const calibration = calibrate(trials, options);
  return { ...playbook, calibrations: new Map(calibration ? [[target.name, calibration]] : []) };
}

function counter(of: number, onProgress: EvaluatePorts['onProgress']): () => void {
  let done = 0;
  return () => onProgress?.(++done, of);
}

function targetOf({ targets }: Playbook, name: string): Target {
  const target = targets.find((candidate) => candidate.name === name);
  if (!target) throw new Error(`no target ${name} in the playbook`);
  return target;
}

function resultOf(
  { set, label, split, playbook }: EvaluationTask,
  target: Target,
  { cases, replay }: { readonly cases: readonly Case[]; readonly replay: Replay },
): Omit<EvaluationResult, 'learningCurve' | 'features'> {
  const native = cases.filter(({ isForeign }) => !isForeign);
  const majority = replay.model.targets.get(target.name)?.classes[0]?.value ?? null;
  return {
    set,
    target: label ?? target.name,
    split: {
      order: split.order,
      history: split.history.length,
      calibration: split.calibration.length,
      test: split.test.length,
      unknown: cases.filter(({ isKnown }) => !isKnown).length,
    },
    methods: methodsOf(cases, majority),
    selective: selectiveOf(cases),
    targetPrecision: target.targetPrecision,
    inScopeAuroc: inScopeAuroc(cases),
    riskCoverage: riskCoverage(confidencesOf(cases)),
    reliability: reliability(confidencesOf(cases)),
    classes: classResults(native, historyCounts(split.history, target)),
    confusion: confusionOf(native),
    significance: significancesOf(cases),
    training: { seconds: replay.trainingMs / 1000, modelBytes: replay.packed.bytes.length },
    seed: playbook.classify.seed,
  };
}

function historyCounts(history: readonly PastTicket[], target: Target): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const ticket of history) {
    for (const value of truthOf(ticket, target)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
