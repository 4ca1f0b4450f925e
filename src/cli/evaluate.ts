import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readRows } from '../adapters/files/rows.ts';
import { processMemory } from '../adapters/sparse/memory.ts';
import { compose } from '../compose.ts';
import { MisconfiguredError, messageOf } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook.ts';
import { type Comparison, compare } from '../evaluation/compare.ts';
import { playbookOf, type SplitOptions, split, ticketsOf, VALUE } from '../evaluation/dataset.ts';
import { type Evaluation, type EvaluationTask, evaluate } from '../evaluation/evaluate.ts';
import { reportPage } from '../evaluation/report/page.ts';
import { reportText } from '../evaluation/report/text.ts';
import { table } from '../evaluation/report/text-table.ts';
import { recipeOf } from '../learning/lesson.ts';
import { settingsFromProcess } from '../settings/env.ts';
import { loadPlaybook } from '../settings/playbook-store.ts';
import { historyOf } from './calibrate.ts';
import { showProgress } from './progress.ts';

export interface EvaluateOptions {
  readonly tickets?: string;
  readonly target?: string;
  readonly order: string;
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
  const tasks = options.tickets === undefined ? await memoryTasks(options) : [fileTask(options.tickets, options)];
  if (options.compare) return runCompare(tasks, options.compare);
  const evaluations: Evaluation[] = [];
  for (const task of tasks) evaluations.push(await judged(task));
  const results = evaluations.map(({ result }) => result);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(results.length === 1 ? results[0] : results)}\n`);
    return;
  }
  for (const result of results) process.stdout.write(`${reportText(result)}\n`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
  writeFileSync(options.html, reportPage(results));
  process.stdout.write(`✔ ${options.html} shows it with plots; open it in a browser\n`);
}

async function judged(task: EvaluationTask): Promise<Evaluation> {
  const bar = showProgress(`judging ${task.label ?? task.target}`, 'tickets');
  try {
    return await evaluate(task, { openMemory: processMemory, onProgress: bar.update });
  } finally {
    bar.stop();
  }
}

/** One target of a file, with a playbook of its own. */
function fileTask(path: string, options: EvaluateOptions): EvaluationTask {
  const { target, order, features, text, unknown, seed, precision } = options;
  if (target === undefined) throw new MisconfiguredError(['--tickets needs --target FIELD, the field to predict']);
  const tickets = ticketsOf(readRows(path), {
    target,
    order,
    features,
    ...(text ? { text } : {}),
    ...(unknown === undefined ? {} : { unknown }),
  });
  const playbook = playbookOf(tickets, Object.keys(features), seed);
  return {
    ...commonOf(options),
    set: basename(path).replace(/\.(jsonl|csv)(\.gz)?$/, ''),
    target: VALUE,
    label: target,
    playbook: precision === undefined ? playbook : withPrecision(playbook, precision),
    split: split(tickets, splitOptions(options)),
  };
}

function withPrecision(playbook: Playbook, targetPrecision: number): Playbook {
  return { ...playbook, targets: playbook.targets.map((target) => ({ ...target, targetPrecision })) };
}

function commonOf({ unknown, perProject = false, quick = false }: EvaluateOptions) {
  return { isPerProject: perProject, isThorough: !quick, ...(unknown === undefined ? {} : { unknown }) };
}

function splitOptions({ order, split: shares, perProject = false, minClass, unknown }: EvaluateOptions): SplitOptions {
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
async function memoryTasks(options: EvaluateOptions): Promise<readonly EvaluationTask[]> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const playbook = context.playbook();
  const history = await historyOf(context.memory);
  const names = recipeOf(playbook).targets.filter((name) => options.target === undefined || name === options.target);
  if (names.length === 0) throw new MisconfiguredError([`--target ${options.target} is not decided by past tickets`]);
  if (history.length === 0) throw new MisconfiguredError(['memory is empty; run: triage backfill --jql "project = …"']);
  return names.map((target) => {
    const judgeable = history
      .filter(({ values }) => values[target]?.by === 'human')
      .map((ticket) => ({ ...ticket, part: null }));
    const parts = split(judgeable, { ...splitOptions(options), order: 'created' }, target);
    return { ...commonOf(options), set: 'memory', target, playbook, split: parts };
  });
}

/** The same tickets by two playbooks; exits with 2 when the second is significantly worse. */
async function runCompare(tasks: readonly EvaluationTask[], [base, next]: readonly [string, string]): Promise<void> {
  const [before, after] = [playbookAt(base), playbookAt(next)];
  const comparisons: Comparison[] = [];
  for (const task of tasks) {
    const by = async (name: string, playbook: Playbook) => ({
      name,
      evaluation: await judged({ ...adopt(task, playbook), isThorough: false }),
    });
    comparisons.push(compare(await by(base, before), await by(next, after)));
  }
  process.stdout.write(`${table(HEADER, comparisons.flatMap(linesOf))}\n`);
  if (comparisons.some(({ isWorse }) => isWorse)) {
    process.stdout.write(`✗ ${next} is significantly worse than ${base}\n`);
    process.exitCode = 2;
  }
}

const HEADER = ['TARGET', 'PLAYBOOK', 'BEST GUESS RIGHT', 'WRITTEN', 'RIGHT WHEN WRITTEN', 'GAINED', 'LOST', 'P'];

function linesOf({ target, base, next, guesses }: Comparison): string[][] {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const cells = ({ name, accuracy, coverage, precision }: Comparison['base']) => [
    name,
    percent(accuracy),
    percent(coverage),
    percent(precision),
  ];
  return [
    [target, ...cells(base), '', '', ''],
    ['', ...cells(next), `+${guesses.gained}`, `-${guesses.lost}`, guesses.p.toPrecision(2)],
  ];
}

/** The task as another playbook would have it: its ways of retrieving and classifying, and the target's own settings. */
function adopt(task: EvaluationTask, { classify, retrieval, targets, taxonomies }: Playbook): EvaluationTask {
  const known = new Map(targets.map((target) => [target.name, target]));
  const settings = (name: string) => {
    const found = known.get(name === VALUE ? (task.label ?? name) : name);
    return found ? { targetPrecision: found.targetPrecision, classes: found.classes } : {};
  };
  const own = task.playbook.targets.map((target) => ({ ...target, ...settings(target.name) }));
  return { ...task, playbook: { ...task.playbook, classify, retrieval, taxonomies, targets: own } };
}

/** A folder with a playbook, or a git ref whose `config/` is taken. */
function playbookAt(place: string): Playbook {
  if (existsSync(join(place, 'playbook.yaml'))) return loadPlaybook(place, null);
  const folder = mkdtempSync(join(tmpdir(), 'jira-triage-config-'));
  try {
    const archive = execFileSync('git', ['archive', '--format=tar', place, 'config'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
  } catch (cause) {
    throw new MisconfiguredError([
      `${place} is neither a folder with a playbook.yaml nor a git ref with config/: ${messageOf(cause)}`,
    ]);
  }
  return loadPlaybook(join(folder, 'config'), place);
}
