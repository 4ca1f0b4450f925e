import { writeFileSync } from 'node:fs';
import { processMemory } from '../../adapters/sparse/memory.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import { type Evaluation, type EvaluationTask, evaluate } from '../../evaluation/evaluate.ts';
import { type AskingMeans, askingFor } from '../asking/open.ts';
import { showProgress } from '../progress.ts';

/** What is to be judged, and the model it is asked of where one is. */
export interface Ground {
  readonly tasks: readonly EvaluationTask[];
  readonly means: AskingMeans | null;
}

/** Judges one target, and shows on stderr how far it came. `means`: for tasks that ask a model. */
export async function judged(task: EvaluationTask, means: AskingMeans | null): Promise<Evaluation> {
  const asking = means && task.rung ? await askingFor(task.playbook, means) : null;
  const bar = showProgress(`judging ${task.label ?? task.target}`, 'tickets');
  const onProgress = (done: number, of: number) => {
    bar.update(done, of);
    if (done >= of) bar.stop();
  };
  const onAblation = () => {
    asking?.finish();
    process.stderr.write('learning curve and worth of features …\n');
  };
  const ports = { openMemory: processMemory, onProgress, onAblation };
  try {
    return await evaluate(task, asking ? { ...ports, asking: asking.ports } : ports);
  } finally {
    bar.stop();
    asking?.finish();
  }
}

/** One answer per task; a task that cannot be judged prints its faults, and the others go on. Throws when none can be. */
export async function judgedEach<Answer>(
  tasks: readonly EvaluationTask[],
  judge: (task: EvaluationTask) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const faults = new Set<string>();
  for (const task of tasks) {
    try {
      answers.push(await judge(task));
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      for (const fault of error.faults) faults.add(fault);
    }
  }
  if (answers.length === 0) throw new MisconfiguredError([...faults]);
  for (const fault of faults) process.stderr.write(`✗ ${fault}\n`);
  return answers;
}

/** To a file for people and diffs, or to stdout on one line. */
export function writeJson(place: string | true, figures: unknown): void {
  if (place === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else writeFileSync(place, `${JSON.stringify(figures, null, 2)}\n`);
}
