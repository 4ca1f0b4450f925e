import type { Context } from '../compose.ts';
import { receiver } from '../intake/receive.ts';
import { isLessonDue, learnFromMemory } from '../learning/lesson.ts';
import type { PayloadOf } from '../queue/catalogue.ts';
import { lookForDrift } from '../upkeep/drift.ts';
import { buildSpace } from '../upkeep/embed.ts';
import { liveCheck } from '../upkeep/live-check.ts';
import { sweepMemory } from '../upkeep/memory-sweep.ts';
import { requeue } from '../upkeep/requeue.ts';
import { sweepTickets } from '../upkeep/sweep/sweep.ts';
import { keepFinding } from './gauges/findings.ts';

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
  'sweep-tickets': { everyMs: 5 * MINUTE_MS, run: sweepNew },
  clean: { everyMs: 10 * MINUTE_MS, run: clean },
  learn: { everyMs: 10 * MINUTE_MS, run: learn },
  'sweep-memory': { everyMs: 10 * MINUTE_MS, run: sweepOld },
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

/** Hands over what no webhook told us of. */
async function sweepNew(context: Context): Promise<void> {
  const { ledger, publisher, settings, metrics, log } = context;
  const site = new URL(settings.jira.url).host;
  const receive = receiver({ ledger, publish: publisher.publish });
  const { retentionDays } = settings.storage;
  const { hidden, ...report } = await sweepTickets(
    context.playbook(),
    { ...context, site, receive },
    { retentionDays },
  );
  for (const [project, why] of Object.entries(hidden))
    log.warn({ project, why }, 'Jira does not let us search this project: what its webhooks do not tell is not found');
  const { triage, learn, missing } = report;
  metrics.deliveries.inc({ door: 'sweep', result: 'new' }, triage + learn);
  metrics.sweepFound.inc({ what: 'ticket' }, triage);
  metrics.sweepFound.inc({ what: 'change' }, learn);
  if (missing > 0) log.error(report, 'found tickets that could not be handed over');
  else if (triage + learn > 0) log.warn(report, 'found what no webhook had told');
  else log.info(report, 'held Jira against the ledger');
}

async function sweepOld(context: Context): Promise<void> {
  const { hidden, ...report } = await sweepMemory(context.playbook(), context);
  for (const project of hidden)
    context.log.warn(
      { project },
      'Jira shows us nothing of this project: its past tickets stay in memory until it does',
    );
  context.log.info(report, 'held memory against Jira');
}

async function tellDrift(context: Context): Promise<void> {
  const drifts = await lookForDrift(context.playbook(), context);
  await keepFinding(
    context.ledger,
    'drift',
    drifts.map(({ target, ...drift }) => ({ target: target ?? '', ...drift })),
  );
  for (const { target, signal, value, limit, isAlarm } of drifts) {
    if (isAlarm) context.log.warn({ target, signal, value, limit }, 'what comes in or is decided has changed');
  }
}

async function checkSite(context: Context): Promise<void> {
  const { switchedOff, retired, warnings } = await liveCheck(context.playbook(), context);
  const counts = Object.entries(retired).map(([target, values]) => [target, values.length]);
  await keepFinding(context.ledger, 'retired', Object.fromEntries(counts));
  for (const { target, why } of switchedOff) {
    context.metrics.brakesPulled.inc({ kind: 'field-gone' });
    context.log.error({ target, why }, 'switched a target off');
  }
  for (const why of warnings) context.log.warn({ why }, 'the playbook and Jira do not fit');
}
