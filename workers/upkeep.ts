import type { Context } from '../src/compose.ts';
import { messageOf } from '../src/domain/errors.ts';
import { isLessonDue, learnFromMemory } from '../src/learning/lesson.ts';
import { buildSpace } from '../src/upkeep/embed.ts';
import { requeue } from '../src/upkeep/requeue.ts';
import { type Processor, runWorker } from './run.ts';

const MINUTE_MS = 60_000;
const KEPT_EVENTS = 1_000;
/** Shorter than the pause between two runs, so that they rarely overlap. */
const EMBEDDING_MS = 45_000;

/** Looks after lost deliveries and missing vectors every minute; after old rows, dead space and the local classifier every ten. */
export function upkeepWorker(context: Context): AsyncDisposable {
  const { ledger, publisher, settings } = context;
  const processor: Processor<'upkeep'> = {
    queue: 'upkeep',
    /** Training and embedding take minutes on a large history; the rest goes on beside them. */
    concurrency: 3,
    process: async ({ task }, { log }) => {
      if (task === 'requeue') {
        const count = await requeue({ ledger, publish: publisher.publish });
        if (count > 0) log.warn({ count }, 'queued open deliveries again');
        return;
      }
      if (task === 'learn') return learn(context);
      if (task === 'embed') return embed(context);
      await publisher.trimEvents(KEPT_EVENTS);
      const rows = await ledger.trim(settings.storage.retentionDays);
      await context.vacuum();
      log.info({ rows }, 'cleaned');
    },
    giveUp: async (_payload, reason) => context.log.error({ reason }, 'upkeep failed'),
  };
  const worker = runWorker(context, processor);
  const timer = setInterval(() => void schedule(context), MINUTE_MS).unref();
  void schedule(context);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await worker[Symbol.asyncDispose]();
    },
  };
}

/** Trains the local classifier when the one in use no longer fits the history. */
async function learn(context: Context): Promise<void> {
  const { memory, shelf, clock, log } = context;
  await shelf.refresh();
  const inUse = { model: shelf.current(), storedAt: shelf.storedAt() };
  if (!isLessonDue(inUse, context.playbook(), { size: await memory.size(), now: clock.now() })) return;
  const lesson = await learnFromMemory(context.playbook(), context);
  await shelf.refresh();
  if (lesson) log.info(lesson, 'trained the local classifier');
  else log.info('too little history to train on: rules decide, everything else abstains');
}

/** Gives vectors to past tickets that have none of the present model; a large history takes several runs. */
async function embed({ memory: { spaces }, embedder, textOf, log }: Context): Promise<void> {
  if (!embedder) return;
  const { embedded, isComplete, trouble } = await buildSpace({ spaces, embedder, textOf }, { budgetMs: EMBEDDING_MS });
  if (trouble !== null) log.warn({ embedded, trouble }, 'past tickets cannot be embedded now');
  else if (embedded > 0) log.info({ embedded, isComplete, model: embedder.model }, 'embedded past tickets');
}

/** Again and again: the queue may come up after us, and may come back without its data. */
async function schedule({ publisher, log }: Context): Promise<void> {
  try {
    await publisher.schedule('requeue', MINUTE_MS);
    await publisher.schedule('embed', MINUTE_MS);
    await publisher.schedule('clean', 10 * MINUTE_MS);
    await publisher.schedule('learn', 10 * MINUTE_MS);
  } catch (error) {
    log.warn({ why: messageOf(error) }, 'upkeep cannot be scheduled yet');
  }
}
