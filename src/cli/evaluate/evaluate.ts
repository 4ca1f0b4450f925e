import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readRows } from '../../adapters/files/rows.ts';
import { compose } from '../../compose.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { withModelOf } from '../../evaluation/adopt.ts';
import { playbookOf, type Reading, readTickets, type SplitOptions, split, VALUE } from '../../evaluation/dataset.ts';
import type { EvaluationTask } from '../../evaluation/evaluate.ts';
import { isUntreated, withTreated } from '../../evaluation/measure/treated.ts';
import { reportPage } from '../../evaluation/report/page.ts';
import { reportText } from '../../evaluation/report/text.ts';
import { recipeOf } from '../../learning/lesson.ts';
import { endpointsFromProcess, settingsFromProcess } from '../../settings/env.ts';
import { loadPlaybook } from '../../settings/playbook-store.ts';
import { type AskingOptions, meansOf } from '../asking/open.ts';
import { historyOf } from '../calibrate.ts';
import { runCompare } from './compare.ts';
import { type Ground, judged, judgedEach, writeJson } from './judged.ts';

export interface EvaluateOptions extends AskingOptions {
  readonly rung: 'local' | 'model' | 'ladder';
  /** For a file: whose model and prompts are asked. */
  readonly config: string;
  readonly tickets?: string;
  readonly target?: string;
  readonly order?: string;
  readonly split: readonly [number, number, number] | 'official';
  readonly minClass?: number;
  readonly text?: readonly [string, string?];
  readonly features: Readonly<Record<string, string>>;
  readonly unknown?: string;
  readonly perProject?: boolean;
  readonly precision?: number;
  readonly seed: number;
  readonly quick?: boolean;
  readonly json?: string | true;
  readonly html: string;
  readonly compare?: readonly [string, string];
}

/** `triage evaluate`: judges the classifier on tickets later than what it learnt from; or two playbooks on the same ones. */
export async function runEvaluate(options: EvaluateOptions): Promise<void> {
  const ground = options.tickets === undefined ? await memoryGround(options) : fileGround(options.tickets, options);
  if (options.compare) return runCompare(ground, options.compare, options.json);
  const { tasks, means } = ground;
  const evaluations = await judgedEach(tasks, (task) => judged(task, means));
  const results = evaluations.map(({ result }) => result);
  if (options.json !== undefined) writeJson(options.json, tasks.length === 1 ? results[0] : results);
  if (options.json === true) return;
  for (const result of results) process.stdout.write(`${reportText(result)}\n`);
  writeFileSync(options.html, reportPage(results));
  process.stdout.write(`✔ ${options.html} shows it with plots; open it in a browser\n`);
}

/** A file needs no Jira: its tickets are in it, and only a model has to be asked elsewhere. */
function fileGround(path: string, options: EvaluateOptions): Ground {
  const task = fileTask(path, options);
  if (options.rung === 'local') return { tasks: [task], means: null };
  const desk = loadPlaybook(options.config, null);
  const playbook = withModelOf(task.playbook, desk, task.label ?? '');
  const means = meansOf(options, { settings: endpointsFromProcess(), tell: tellerFor(options) });
  return { tasks: [{ ...task, playbook, rung: options.rung }], means };
}

/** Estimates and bills keep clear of figures that a program reads. */
function tellerFor({ json }: EvaluateOptions): (line: string) => void {
  const stream = json === true ? process.stderr : process.stdout;
  return (line) => stream.write(`${line}\n`);
}

/** One target of a file, with a playbook of its own. */
function fileTask(path: string, options: EvaluateOptions): EvaluationTask {
  const { target, order, features, text, seed, precision } = options;
  if (target === undefined) throw new MisconfiguredError(['--tickets needs --target FIELD, the field to predict']);
  const reading = readTickets(readRows(path), {
    target,
    features,
    ...(order === undefined ? {} : { order }),
    ...(text ? { text } : {}),
  });
  tellLeftOut(reading);
  const playbook = playbookOf(reading.tickets, Object.keys(features), seed);
  return {
    ...commonOf(options),
    set: basename(path).replace(/\.(jsonl|csv)(\.gz)?$/, ''),
    target: VALUE,
    label: target,
    playbook: precision === undefined ? playbook : withPrecision(playbook, precision),
    split: split(reading.tickets, splitOptions(options, reading.order)),
  };
}

function tellLeftOut({ tickets, without: { value, date } }: Reading): void {
  const leftOut = value + date;
  if (leftOut === 0) return;
  process.stderr.write(
    `${leftOut} of ${tickets.length + leftOut} tickets left out: ${value} without a value, ${date} without a readable date\n`,
  );
}

function withPrecision(playbook: Playbook, targetPrecision: number): Playbook {
  return { ...playbook, targets: playbook.targets.map((target) => ({ ...target, targetPrecision })) };
}

function commonOf({ unknown, perProject = false, quick = false }: EvaluateOptions) {
  return { isPerProject: perProject, isThorough: !quick, ...(unknown === undefined ? {} : { unknown }) };
}

function splitOptions(
  { split: shares, perProject = false, minClass, unknown }: EvaluateOptions,
  order: string,
): SplitOptions {
  return {
    order,
    shares: shares === 'official' ? [70, 10, 20] : shares,
    isOfficial: shares === 'official',
    isPerProject: perProject,
    ...(minClass === undefined ? {} : { minClass }),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** Every target that past tickets decide, on the service's own memory. */
async function memoryGround(options: EvaluateOptions): Promise<Ground> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const playbook = context.playbook();
  const history = await historyOf(context.memory);
  const names = recipeOf(playbook).targets.filter((name) => options.target === undefined || name === options.target);
  if (names.length === 0) throw new MisconfiguredError([`--target ${options.target} is not decided by past tickets`]);
  if (history.length === 0) throw new MisconfiguredError(['memory is empty; run: triage backfill --jql "project = …"']);
  const treated = history.filter((ticket) => !isUntreated(ticket));
  if (treated.length > 0) process.stderr.write(`${treated.length} tickets that we treated teach, and judge nothing\n`);
  const tickets = history.filter(isUntreated).map((ticket) => ({ ...ticket, part: null }));
  const tasks = names.map((target) => {
    const parts = withTreated(split(tickets, splitOptions(options, 'created'), target), treated);
    return { ...commonOf(options), ...rungOf(options), set: 'memory', target, playbook, split: parts };
  });
  return { tasks, means: options.rung === 'local' ? null : meansOf(options, { ...context, tell: tellerFor(options) }) };
}

function rungOf({ rung }: EvaluateOptions): Pick<EvaluationTask, 'rung'> {
  return rung === 'local' ? {} : { rung };
}
