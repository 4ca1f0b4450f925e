import { type Context, compose } from '../src/compose.ts';
import { closedInTime, openOps } from '../src/ops.ts';
import { settingsFromProcess } from '../src/settings/env.ts';
import { closedWithin, SHARE, start, untilStopped } from '../src/start.ts';
import { feedbackWorker } from './feedback.ts';
import { intakeWorker } from './intake.ts';
import { triageWorker } from './triage.ts';
import { undoWorker } from './undo.ts';
import { upkeepWorker } from './upkeep.ts';
import { writeBackWorker } from './write-back.ts';

const WORKERS = {
  intake: intakeWorker,
  triage: triageWorker,
  'write-back': writeBackWorker,
  undo: undoWorker,
  feedback: feedbackWorker,
  upkeep: upkeepWorker,
} as const;

/**
 * Starts the workers that the settings name, once past tickets are at hand. Disposing takes no more jobs and lets running
 * ones finish; what runs longer is left to another process, which takes it over when its lock has run out.
 */
export async function startWorkers(context: Context): Promise<AsyncDisposable> {
  for (const target of context.uncalibrated) {
    context.log.warn({ target }, 'not calibrated: nothing is written from past tickets until triage calibrate has run');
  }
  for (const target of context.uncalibratedModels) {
    context.log.warn({ target }, 'the model is asked but only suggests, until triage calibrate --rung model has run');
  }
  const { settings, log } = context;
  // Only Redis acknowledges before the inbox was asked; elsewhere nothing is ever in that queue.
  const served = settings.workerQueues.filter((queue) => queue !== 'intake' || context.queues.kind === 'redis');
  if (served.includes('triage')) await warmUp(context);
  const workers = served.map((queue) => WORKERS[queue](context));
  const all = {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    },
  };
  return closedWithin(all, { ms: settings.stopMs * SHARE.workers, what: 'running jobs', log });
}

/** A memory that is away keeps nobody from working: decisions are then made without it. */
async function warmUp({ memory, log }: Context): Promise<void> {
  try {
    await memory.warmUp();
  } catch (error) {
    log.warn({ err: error }, 'past tickets cannot be read now');
  }
}

if (import.meta.main) {
  await start(async () => {
    const settings = settingsFromProcess();
    await untilStopped(settings.stopMs, async (stop) => {
      const context = await compose(settings);
      await using _storage = closedInTime(context);
      await using _following = await context.follow(true);
      await using ops = await openOps(context, stop, 'worker');
      await using _workers = await startWorkers(context);
      context.log.info(
        { opsPort: ops.port, queues: settings.workerQueues, revision: context.playbook().revision },
        'working',
      );
      await stop.asked;
      context.log.info('stopping');
    });
  });
}
