import { writeFileSync } from 'node:fs';
import { processMemory } from '../adapters/sparse/memory.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import { type Evaluation, type EvaluationTask, evaluate } from '../evaluation/evaluate.ts';
import { showProgress } from './progress.ts';

/** Judges one target, and shows on stderr how far it came. */
export async function judged(task: EvaluationTask): Promise<Evaluation> {
  const bar = showProgress(`judging ${task.label ?? task.target}`, 'tickets');
  const onProgress = (done: number, of: number) => {
    bar.update(done, of);
    if (done < of || !task.isThorough) return;
    bar.stop();
    process.stderr.write('learning curve and worth of features …\n');
  };
  try {
    return await evaluate(task, { openMemory: processMemory, onProgress });
  } finally {
    bar.stop();
  }
}

/** One answer per task; a task that cannot be judged prints its faults, and the others go on. Throws when none can be. */
export async function judgedEach<Answer>(
  tasks: readonly EvaluationTask[],
  judge: (task: EvaluationTask) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const faults: string[] = [];
  for (const task of tasks) {
    try {
      answers.push(await judge(task));
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (answers.length === 0) throw new MisconfiguredError(faults);
  for (const fault of faults) process.stderr.write(`✗ ${fault}\n`);
  return answers;
}

/** To a file for people and diffs, or to stdout on one line. */
export function writeJson(place: string | true, figures: unknown): void {
  if (place === true) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else writeFileSync(place, `${JSON.stringify(figures, null, 2)}\n`);
}
