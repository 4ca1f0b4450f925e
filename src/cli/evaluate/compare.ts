import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { type Comparison, compare } from '../../evaluation/compare.ts';
import { VALUE } from '../../evaluation/dataset.ts';
import type { EvaluationTask } from '../../evaluation/evaluate.ts';
import { table } from '../../evaluation/report/text-table.ts';
import { loadPlaybook } from '../../settings/playbook-store.ts';
import { type Ground, judged, judgedEach, writeJson } from './judged.ts';

const SCOPE =
  'both learn and calibrate on the same tickets; rules, routing and the committed calibrations are not compared';

/** `triage evaluate --compare`: the same tickets by two playbooks; exits with 2 when the second is significantly worse. */
export async function runCompare(
  { tasks, means }: Ground,
  [base, next]: readonly [string, string],
  json: string | true | undefined,
): Promise<void> {
  const [before, after] = [playbookAt(base), playbookAt(next)];
  const comparisons = await judgedEach(tasks, async (task) => {
    const by = async (name: string, playbook: Playbook) => ({
      name,
      evaluation: await judged({ ...adopt(task, playbook), isThorough: false }, means),
    });
    return compare(await by(base, before), await by(next, after));
  });
  if (json !== undefined) writeJson(json, comparisons);
  if (json !== true) process.stdout.write(`${SCOPE}\n\n${table(HEADER, comparisons.flatMap(linesOf))}\n`);
  if (!comparisons.some(({ isWorse }) => isWorse)) return;
  process.stderr.write(`✗ ${next} is significantly worse than ${base}\n`);
  process.exitCode = 2;
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

/** The task as another playbook would have it: its ways of finding, classifying and asking, and the target's own settings. */
function adopt(task: EvaluationTask, desk: Playbook): EvaluationTask {
  const { classify, retrieval, targets, taxonomies } = desk;
  const isFile = task.target === VALUE;
  const known = new Map(targets.map((target) => [target.name, target]));
  const settings = (name: string) => {
    const found = known.get(isFile ? (task.label ?? name) : name);
    return found ? { targetPrecision: found.targetPrecision, classes: found.classes } : {};
  };
  const own = task.playbook.targets.map((target) => ({ ...target, ...settings(target.name) }));
  // The classes of a file are its own; a taxonomy would forbid most of them.
  const allowed = isFile ? {} : { taxonomies };
  const { model, prompts, privacy, plugins, services } = desk;
  const asking = { ...(model ? { model } : {}), prompts, privacy, plugins, services };
  return { ...task, playbook: { ...task.playbook, classify, retrieval, ...asking, ...allowed, targets: own } };
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
    return loadPlaybook(join(folder, 'config'), place);
  } catch (cause) {
    if (cause instanceof MisconfiguredError) throw cause;
    throw new MisconfiguredError([
      `${place} is neither a folder with a playbook.yaml nor a git ref with config/: ${messageOf(cause)}`,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
