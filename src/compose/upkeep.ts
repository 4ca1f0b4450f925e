import type { Context } from '../compose.ts';
import { isLessonDue, learnFromMemory } from '../learning/lesson.ts';
import type { PayloadOf } from '../queue/catalogue.ts';
import { lookForDrift } from '../upkeep/drift.ts';
import { buildSpace } from '../upkeep/embed.ts';
import { liveCheck } from '../upkeep/live-check.ts';
import { sweepMemory } from '../upkeep/memory-sweep.ts';
import { requeue } from '../upkeep/requeue.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const KEPT_EVENTS = 1_000;
/** Shorter than the pause between two runs, so that they rarely overlap. */
const EMBEDDING_MS = 45_000;

type Task = PayloadOf<'upkeep'>['task'];

/** Every upkeep task: how often it runs, and what it does and says. */
export const upkeepTasks: {
  readonly [Name in Task]: { readonly everyMs: number; readonly run: (context: Context) => Promise<void> };
} = {
  requeue: { everyMs: MINUTE_MS, run: queueAgain },
  embed: { everyMs: MINUTE_MS, run: embed },
  clean: { everyMs: 10 * MINUTE_MS, run: clean },
  learn: { everyMs: 10 * MINUTE_MS, run: learn },
  'sweep-memory': { everyMs: 10 * MINUTE_MS, run: sweep },
  drift: { everyMs: HOUR_MS, run: tellDrift },
  'live-check': { everyMs: 24 * HOUR_MS, run: checkSite },
};

/** The names of all of them. */
export const taskNames: readonly Task[] = Object.keys(upkeepTasks).filter((name): name is Task => name in upkeepTasks);

async function queueAgain({ ledger, publisher, playbook, log }: Context): Promise<void> {
  const graceMs = playbook().writeBack.graceSeconds * 1000;
  const count = await requeue({ ledger, publish: publisher.publish }, { graceMs });
  if (count > 0) log.warn({ count }, 'queued open deliveries again');
}

async function clean({ ledger, publisher, settings, vacuum, log }: Context): Promise<void> {
  await publisher.trimEvents(KEPT_EVENTS);
  const rows = await ledger.trim(settings.storage.retentionDays);
  await vacuum();
  log.info({ rows }, 'cleaned');
}

/** Trains the local classifier when the one in use no longer fits the history. */
async function learn(context: Context): Promise<void> {
  const { memory, shelf, clock, log } = context;
  const playbook = context.playbook();
  await shelf.refresh();
  const inUse = { model: shelf.current(), storedAt: shelf.storedAt() };
  if (!isLessonDue(inUse, playbook, { size: await memory.size(), now: clock.now() })) return;
  const lesson = await learnFromMemory(playbook, context);
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

async function sweep(context: Context): Promise<void> {
  const { hidden, ...sweep } = await sweepMemory(context.playbook(), context);
  for (const project of hidden)
    context.log.warn(
      { project },
      'Jira shows us nothing of this project: its past tickets stay in memory until it does',
    );
  context.log.info(sweep, 'held memory against Jira');
}

async function tellDrift(context: Context): Promise<void> {
  const drifts = await lookForDrift(context.playbook(), context);
  context.metrics.drift.reset();
  for (const { target, signal, value, limit, isAlarm } of drifts) {
    context.metrics.drift.set({ target: target ?? '', signal }, value);
    if (isAlarm) context.log.warn({ target, signal, value, limit }, 'what comes in or is decided has changed');
  }
}

async function checkSite(context: Context): Promise<void> {
  const { switchedOff, retired, warnings } = await liveCheck(context.playbook(), context);
  context.metrics.retiredValues.reset();
  for (const [target, values] of Object.entries(retired)) context.metrics.retiredValues.set({ target }, values.length);
  for (const { target, why } of switchedOff) {
    context.metrics.brakesPulled.inc({ kind: 'field-gone' });
    context.log.error({ target, why }, 'switched a target off');
  }
  for (const why of warnings) context.log.warn({ why }, 'the playbook and Jira do not fit');
}
