import { MisconfiguredError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Target } from '../domain/playbook/target.ts';
import type { PastTicket } from '../domain/ticket/issue.ts';
import { calibrate, localManner } from '../learning/calibration/calibrate.ts';
import type { Trial } from '../learning/calibration/trials.ts';
import { scoringKey } from '../learning/lesson.ts';
import type { Split } from './dataset.ts';
import { type AskingPorts, climb } from './ladder/climb.ts';
import { featuresWorth, learningCurve } from './measure/ablation.ts';
import { type Case, caseOf } from './measure/cases.ts';
import { classResults, confusionOf } from './measure/classes.ts';
import { reliability, riskCoverage } from './measure/metrics.ts';
import { confidencesOf, inScopeAuroc, methodsOf, selectiveOf, significancesOf } from './measure/summary.ts';
import { openReplay, type Replay, type Replayed, type ReplayPorts, trialsOf, truthOf } from './replay.ts';
import type { EvaluationResult, LadderResult } from './result.ts';

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
  /** Who answers: the local classifier alone (when absent), the model always, or the model where the former is not sure. */
  readonly rung?: LadderResult['rung'];
}

export interface Evaluation {
  readonly result: EvaluationResult;
  readonly cases: readonly Case[];
}

export interface EvaluatePorts extends ReplayPorts {
  readonly onProgress?: (done: number, of: number) => void;
  /** Hears when all tickets are judged and what is only for the thorough begins. */
  readonly onAblation?: () => void;
  /** Needed for a task with a `rung`. */
  readonly asking?: AskingPorts;
}

/** Learns the history, calibrates on what came next, and judges what came last, as the service would have. */
export async function evaluate(task: EvaluationTask, ports: EvaluatePorts): Promise<Evaluation> {
  const { split } = task;
  const target = targetOf(task.playbook, task.target);
  const replay = await openReplay({ ...task, history: split.history }, ports);
  if (!replay.model.targets.has(target.name) || split.test.length === 0) throw tooLittle(task);
  const advance = counter(split.calibration.length + split.test.length, ports.onProgress);
  const stage = { task, target, replay, advance };
  const { cases, ladder } =
    ports.asking && task.rung ? await byLadder(stage, task.rung, ports.asking) : await byLocal(stage);
  if (task.isThorough) ports.onAblation?.();
  const ablation = { target, playbook: task.playbook, history: split.history, cases };
  const curve = task.isThorough ? await learningCurve(ablation) : [];
  const features = task.isThorough ? await featuresWorth(ablation) : [];
  const result = { ...resultOf(task, target, { cases, replay }), learningCurve: curve, features };
  return { result: ladder ? { ...result, ladder } : result, cases };
}

interface Stage {
  readonly task: EvaluationTask;
  readonly target: Target;
  readonly replay: Replay;
  readonly advance: () => void;
}

interface Judged {
  readonly cases: readonly Case[];
  readonly ladder: LadderResult | null;
}

/** Ticket by ticket, so that large sets need little memory. */
async function byLocal(stage: Stage): Promise<Judged> {
  const { task, target, replay } = stage;
  const trials: Trial[] = [];
  for await (const replayed of replays(task.split.calibration, stage)) {
    trials.push(...trialsOf(replayed, target, task.playbook));
  }
  const playbook = calibrated(trials, target, task.playbook);
  const cases: Case[] = [];
  for await (const replayed of replays(task.split.test, stage)) {
    if (truthOf(replayed.ticket, target).length === 0) continue;
    cases.push(caseOf(replayed, { target, playbook, replay, unknown: task.unknown }));
  }
  return { cases, ladder: null };
}

/** All tickets at hand at once, for what they cost is known before any of them is asked about. */
async function byLadder(stage: Stage, rung: LadderResult['rung'], asking: AskingPorts): Promise<Judged> {
  const { task, target, replay } = stage;
  const calibrating = await Array.fromAsync(replays(task.split.calibration, stage));
  const testing = await Array.fromAsync(replays(task.split.test, stage));
  const trials = calibrating.flatMap((replayed) => trialsOf(replayed, target, task.playbook));
  const playbook = calibrated(trials, target, task.playbook);
  return climb({ rung, target, playbook, replay, unknown: task.unknown, calibrating, testing }, asking);
}

async function* replays(tickets: readonly PastTicket[], { replay, advance }: Stage): AsyncGenerator<Replayed> {
  for (const ticket of tickets) {
    yield await replay.propose(ticket);
    advance();
  }
}

function tooLittle({ set, label, target, split }: EvaluationTask): MisconfiguredError {
  const { history, calibration, test } = split;
  return new MisconfiguredError([
    `${set}: nothing to judge ${label ?? target} by: ${history.length} tickets to learn from, ${calibration.length} for the cut-offs, ${test.length} to judge; the first need two values that occur twice or more`,
  ]);
}

/** The playbook with the target's calibration as measured on the calibration tickets alone. */
function calibrated(trials: readonly Trial[], target: Target, playbook: Playbook): Playbook {
  const { doubt } = playbook.classify;
  const options = { ...localManner(target), recipe: scoringKey(playbook), embedder: null, doubt };
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
