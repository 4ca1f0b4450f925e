import type { Context } from '../src/compose.ts';
import { firstWordsOf } from '../src/telemetry/error.ts';
import { abandonUndo, undo } from '../src/write-back/undo.ts';
import { type Processor, runWorker } from './run.ts';

/** Takes back writes that a person asked to have undone. */
export function undoWorker(context: Context): AsyncDisposable {
  const processor: Processor<'undo'> = {
    queue: 'undo',
    /** Few, so that new tickets keep most of what Jira allows. */
    concurrency: 2,
    process: async ({ undos }, { log, assertStillOurs }) => {
      for (const task of undos) {
        const record = await undo(task, context.playbook(), { ...context, assertStillOurs });
        const { issueKey, state, heldBack } = record;
        const reason = firstWordsOf(record.reason);
        log.info({ issueKey, undo: task.id, state, reason, heldBack }, 'taken back');
      }
    },
    giveUp: async ({ undos }, reason) => {
      for (const task of undos) await abandonUndo(task, reason, context);
    },
  };
  return runWorker(context, processor);
}
