import type { PastTicket } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Target } from '../domain/target.ts';
import { scopeScoreOf } from '../learning/calibrate.ts';
import { recipeOf, trainingTicket } from '../learning/lesson.ts';
import { countFeatures, weigh } from '../learning/linear/features.ts';
import { type LocalModel, marginsOf } from '../learning/linear/model.ts';
import { recipeKey } from '../learning/linear/train.ts';
import { trainInThread, unpack } from '../learning/linear/trainer.ts';
import { calibrate } from '../learning/calibrate.ts';
import { auroc, expectedCalibrationError, mcNemar } from '../learning/statistics.ts';
import { judge } from '../triage/judge.ts';
import { classResults, confusionOf } from './classes.ts';
import type { Split } from './dataset.ts';
import { accuracyOf, isRight, macroF1, type Prediction, reliability, riskCoverage, share } from './metrics.ts';
import { openReplay, type Replay, type Replayed, type ReplayPorts, trialsOf, truthOf } from './replay.ts';
import type { EvaluationResult, Method, Selective, Significance } from './result.ts';

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
  readonly isPerProject?: boolean;
  /** Train again on less history, and without each feature: takes several times as long. */
  readonly isThorough?: boolean;
}

/** One test ticket with everything that was said about it. */
export interface Case extends Prediction {
  readonly ticket: PastTicket;
  /** Declared to be none of the classes: right is only to leave it alone. */
  readonly isForeign: boolean;
  readonly isKnown: boolean;
  readonly confidence: number;
  /** Sure enough at the target's own precision. */
  readonly isSure: boolean;
  /** What would be written at each of `LEVELS`, null for nothing. */
  readonly written: readonly (string | null)[];
  readonly top3: readonly string[];
  readonly nearest: string | null;
  readonly linear: readonly string[];
  readonly linearMs: number;
  readonly retrieveMs: number;
  readonly ms: number;
  readonly scope: number;
}

export interface Evaluation {
  readonly result: EvaluationResult;
  readonly cases: readonly Case[];
}

/** The target precisions every report shows. */
const LEVELS = [0.8, 0.85, 0.9, 0.95] as const;
const NEIGHBOURS = 10;
const CURVE = [100, 300, 1_000, 3_000, 10_000, 30_000] as const;

/** Learns the history, calibrates on what came next, and judges what came last, as the service would have. */
export async function evaluate(
  task: EvaluationTask,
  { onProgress = () => {}, ...ports }: ReplayPorts & { readonly onProgress?: (done: number, of: number) => void },
): Promise<Evaluation> {
  const { split, playbook, target: name } = task;
  const target = targetOf(playbook, name);
  const replay = await openReplay({ ...task, history: split.history }, ports);
  const of = split.calibration.length + split.test.length;
  const trials = [];
  for (const [index, ticket] of split.calibration.entries()) {
    trials.push(...trialsOf(await replay.propose(ticket), target, { model: replay.model, playbook }));
    onProgress(index + 1, of);
  }
  const options = { target: name, recipe: recipeKey(recipeOf(playbook)), doubt: playbook.classify.doubt };
  const calibration = calibrate(trials, options);
  const calibrated = { ...playbook, calibrations: new Map(calibration ? [[name, calibration]] : []) };
  const cases: Case[] = [];
  for (const [index, ticket] of split.test.entries()) {
    const replayed = await replay.propose(ticket);
    if (truthOf(ticket, target).length > 0) cases.push(caseOf(replayed, target, { task: { ...task, playbook: calibrated }, replay }));
    onProgress(split.calibration.length + index + 1, of);
  }
  const thorough = task.isThorough ? await thoroughly(task, target, cases) : { learningCurve: [], features: [] };
  return { result: { ...resultOf(task, target, { cases, replay }), ...thorough }, cases };
}

function targetOf({ targets }: Playbook, name: string): Target {
  const target = targets.find((candidate) => candidate.name === name);
  if (!target) throw new Error(`no target ${name} in the playbook`);
  return target;
}

interface CaseContext {
  readonly task: EvaluationTask;
  readonly replay: Replay;
}

function caseOf(replayed: Replayed, target: Target, { task, replay }: CaseContext): Case {
  const { ticket, issue, proposals, evidence, retrieveMs } = replayed;
  const truth = truthOf(ticket, target);
  const startedAt = performance.now();
  const own = judge(proposals, issue, task.playbook).get(target.name);
  const ms = replayed.ms + performance.now() - startedAt;
  const best = own?.kind === 'value' ? own : (own?.best ?? null);
  const calibration = task.playbook.calibrations.get(target.name);
  const proposal = proposals.get(target.name);
  const linearAt = performance.now();
  const linear = linearRanking(ticket, target, { model: replay.model, playbook: task.playbook });
  const classes = new Set(replay.model.targets.get(target.name)?.classes.map(({ value }) => value));
  return {
    ticket,
    truth,
    value: best?.value ?? null,
    isForeign: task.unknown !== undefined && truth.includes(task.unknown),
    isKnown: truth.some((value) => classes.has(value)),
    confidence: best?.confidence ?? 0,
    isSure: own?.kind === 'value',
    written: LEVELS.map((targetPrecision) => writtenAt(targetPrecision, replayed, { target, playbook: task.playbook })),
    top3: proposal?.candidates.slice(0, 3).map(({ value }) => value) ?? [],
    nearest: mode(evidence.slice(0, NEIGHBOURS).flatMap(({ values }) => values[target.name] ?? [])),
    linear,
    linearMs: performance.now() - linearAt,
    retrieveMs,
    ms,
    scope: calibration ? scopeScoreOf(calibration, proposal?.proposed[0]?.signals ?? []) : 0,
  };
}

function writtenAt(
  targetPrecision: number,
  { proposals, issue }: Replayed,
  { target, playbook }: { readonly target: Target; readonly playbook: Playbook },
): string | null {
  const verdict = judge(proposals, issue, { ...playbook, targets: [{ ...target, targetPrecision }] }).get(target.name);
  return verdict?.kind === 'value' ? verdict.value : null;
}

/** The classifier's values by margin alone, best three. */
function linearRanking(
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

/** The most common value; among equals the one met first. */
function mode(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: string | null = null;
  for (const [value, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = value;
  return best;
}

function resultOf(
  task: EvaluationTask,
  target: Target,
  { cases, replay }: { readonly cases: readonly Case[]; readonly replay: Replay },
): Omit<EvaluationResult, 'learningCurve' | 'features'> {
  const { split, playbook } = task;
  const native = cases.filter(({ isForeign }) => !isForeign);
  const majority = replay.model.targets.get(target.name)?.classes[0]?.value ?? null;
  const sure = cases.map((one) => ({ confidence: one.confidence, isRight: isRight(one) }));
  const scopeOf = (isKnown: boolean) => cases.filter((one) => one.isKnown === isKnown).map(({ scope }) => scope);
  const hasUnknown = cases.some(({ isKnown }) => !isKnown);
  return {
    set: task.set,
    target: task.label ?? target.name,
    split: {
      order: split.order,
      history: split.history.length,
      calibration: split.calibration.length,
      test: split.test.length,
      unknown: cases.filter(({ isKnown }) => !isKnown).length,
    },
    methods: methodsOf(native, majority, sure),
    selective: LEVELS.map((targetPrecision, level) => selectiveAt(targetPrecision, cases, (one) => one.written[level] ?? null)),
    targetPrecision: target.targetPrecision,
    inScopeAuroc: hasUnknown ? auroc(scopeOf(true), scopeOf(false)) : null,
    riskCoverage: riskCoverage(sure),
    reliability: reliability(sure),
    classes: classResults(native, historyCounts(split.history, target)),
    confusion: confusionOf(native),
    significance: significances(native),
    training: { seconds: replay.trainingMs / 1000, modelBytes: replay.packed.bytes.length },
    seed: playbook.classify.seed,
  };
}

function methodsOf(cases: readonly Case[], majority: string | null, sure: Parameters<typeof expectedCalibrationError>[0]): Method[] {
  const method = (name: Method['name'], guess: (one: Case) => readonly (string | null)[], msOf: (one: Case) => number): Method => {
    const predictions = cases.map((one) => ({ truth: one.truth, value: guess(one)[0] ?? null }));
    const top3 = cases.filter((one) => guess(one).slice(0, 3).some((value) => value !== null && one.truth.includes(value)));
    return {
      name,
      accuracy: accuracyOf(predictions),
      macroF1: macroF1(predictions),
      top3: cases.length === 0 ? 0 : top3.length / cases.length,
      ece: name === 'triage' ? expectedCalibrationError(sure) : null,
      msPerTicket: mean(cases.map(msOf)),
    };
  };
  return [
    method('majority', () => [majority], () => 0),
    method('bm25-knn', ({ nearest }) => [nearest], ({ retrieveMs }) => retrieveMs),
    method('linear', ({ linear }) => linear, ({ linearMs }) => linearMs),
    method('triage', ({ value, top3 }) => [value, ...top3.filter((other) => other !== value)], ({ ms }) => ms),
  ];
}

function selectiveAt(targetPrecision: number, cases: readonly Case[], writtenIn: (one: Case) => string | null): Selective {
  const acted = cases.filter((one) => writtenIn(one) !== null);
  const right = acted.filter((one) => isRight({ truth: one.truth, value: writtenIn(one) }));
  const native = cases.filter(({ isForeign }) => !isForeign);
  const unknown = cases.filter(({ isKnown }) => !isKnown);
  return {
    targetPrecision,
    precision: share(right.length, acted.length),
    coverage: share(acted.filter(({ isForeign }) => !isForeign).length, native.length),
    n: acted.length,
    outOfScope: unknown.length === 0 ? null : share(acted.filter(({ isKnown }) => !isKnown).length, unknown.length),
  };
}

function significances(cases: readonly Case[]): Significance[] {
  const right = (value: string | null | undefined) => (one: Case) => isRight({ truth: one.truth, value: value ?? null });
  return [
    paired('triage', 'bm25-knn', cases.map((one) => [right(one.value)(one), right(one.nearest)(one)])),
    paired('triage', 'linear', cases.map((one) => [right(one.value)(one), right(one.linear[0])(one)])),
  ];
}

/** Exact McNemar test over paired outcomes. */
export function paired(method: string, against: string, outcomes: readonly (readonly [boolean, boolean])[]): Significance {
  const gained = outcomes.filter(([one, other]) => one && !other).length;
  const lost = outcomes.filter(([one, other]) => !one && other).length;
  return { method, against, gained, lost, p: mcNemar(gained, lost) };
}

function historyCounts(history: readonly PastTicket[], target: Target): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const ticket of history) for (const value of truthOf(ticket, target)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** What more history would bring, and what each feature beyond text is worth; by the classifier alone. */
async function thoroughly(task: EvaluationTask, target: Target, cases: readonly Case[]) {
  const { split, playbook } = task;
  const native = cases.filter(({ isForeign }) => !isForeign);
  const outcomesOf = async (history: readonly PastTicket[], other: Playbook) => {
    const { version, bytes } = await trainInThread([history.map((ticket) => trainingTicket(ticket, other))], recipeOf(other));
    const model = await unpack(version, bytes);
    return native.map(({ ticket, truth }) => truth.includes(linearRanking(ticket, target, { model, playbook: other })[0] ?? ''));
  };
  const accuracy = (outcomes: readonly boolean[]) => mean(outcomes.map((hit) => (hit ? 1 : 0)));
  const all = native.map(({ truth, linear }) => truth.includes(linear[0] ?? ''));
  const learningCurve = [];
  for (const tickets of CURVE.filter((size) => size < split.history.length)) {
    learningCurve.push({ tickets, accuracy: accuracy(await outcomesOf(split.history.slice(-tickets), playbook)) });
  }
  learningCurve.push({ tickets: split.history.length, accuracy: accuracy(all) });
  const features = [];
  for (const without of playbook.classify.features.filter((name) => split.history.some(({ context }) => name in context))) {
    const classify = { ...playbook.classify, features: playbook.classify.features.filter((name) => name !== without) };
    const outcomes = await outcomesOf(split.history, { ...playbook, classify });
    const significance = paired('all features', `without ${without}`, all.map((hit, index) => [hit, outcomes[index] ?? false]));
    features.push({ without, accuracy: accuracy(outcomes), significance });
  }
  return { learningCurve, features };
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
