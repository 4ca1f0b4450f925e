import { type Context, compose } from '../src/compose.ts';
import { settingsFromProcess } from '../src/settings/env.ts';
import { start, untilStopped } from '../src/start.ts';
import { feedbackWorker } from './feedback.ts';
import { triageWorker } from './triage.ts';
import { undoWorker } from './undo.ts';
import { upkeepWorker } from './upkeep.ts';
import { writeBackWorker } from './write-back.ts';

const WORKERS = {
  triage: triageWorker,
  'write-back': writeBackWorker,
  undo: undoWorker,
  feedback: feedbackWorker,
  upkeep: upkeepWorker,
} as const;

/** Starts the workers that the settings name; disposing lets running jobs finish. */
export function startWorkers(context: Context): AsyncDisposable {
  for (const target of context.uncalibrated) {
    context.log.warn({ target }, 'not calibrated: nothing is written from past tickets until triage calibrate has run');
  }
  for (const target of context.uncalibratedModels) {
    context.log.warn({ target }, 'the model is asked but only suggests, until triage calibrate --rung model has run');
  }
  const workers = context.settings.workerQueues.map((queue) => WORKERS[queue](context));
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    },
  };
}

if (import.meta.main) {
  await start(async () => {
    await using context = await compose(settingsFromProcess());
    await using _following = await context.follow(true);
    await using _workers = startWorkers(context);
    context.log.info({ revision: context.playbook().revision }, 'working');
    await untilStopped();
  });
}
