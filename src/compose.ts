import { withoutWrites } from './adapters/jira/dry-run.ts';
import type { Pace } from './adapters/jira/pace/pace.ts';
import { jiraTracker } from './adapters/jira/tracker.ts';
import { openTransport } from './adapters/jira/transport.ts';
import { postgresAnswers } from './adapters/postgres/answers.ts';
import { postgresLedger } from './adapters/postgres/ledger.ts';
import { migrate } from './adapters/postgres/migrations.ts';
import { postgresModels } from './adapters/postgres/models.ts';
import type { Sql } from './adapters/postgres/sql.ts';
import { presidioFinder } from './adapters/presidio/finder.ts';
import { openEmbedders } from './compose/embedding.ts';
import { openMemory } from './compose/memory.ts';
import { openSitePace } from './compose/pace.ts';
import { openPlaybook, type Rulebook, unmeasured } from './compose/playbook/edition.ts';
import { type Following, openFollowing } from './compose/playbook/follow.ts';
import { openStorage } from './compose/storage.ts';
import { safeMessageOf } from './domain/errors.ts';
import type { Playbook } from './domain/playbook/playbook.ts';
import type { Ledger } from './domain/ports/ledger.ts';
import type { Memory } from './domain/ports/memory.ts';
import type { AnswerBook, Clock, Embedder, Model, ModelStore } from './domain/ports/model.ts';
import type { Tracker } from './domain/ports/tracker.ts';
import type { TextOf } from './domain/ticket/embedding.ts';
import type { Issue } from './domain/ticket/issue.ts';
import { remember } from './feedback/learn.ts';
import type { LocalModel } from './learning/linear/model.ts';
import { Shelf } from './learning/shelf.ts';
import type { PiiFinder } from './privacy/finder.ts';
import type { QueueBackend } from './queue/backend.ts';
import { openPublisher, type Publisher } from './queue/publisher.ts';
import type { Settings } from './settings/env.ts';
import { type Logger, openLog } from './telemetry/log.ts';
import { processMetrics } from './telemetry/metrics/state.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { jiraListener } from './telemetry/observe/jira.ts';
import type { Tracing } from './telemetry/tracing/steps.ts';
import { openTracing } from './telemetry/tracing.ts';
import { type Loads, openLoads } from './triage/routing/loads.ts';
import { ownVersion } from './version.ts';

/**
 * Every opened part of the service. Disposing closes what was opened, in reverse. The playbook and what was opened for it
 * change with `config/`: a job takes them once, at its beginning.
 */
export interface Context extends ReturnType<typeof unmeasured>, Following, AsyncDisposable {
  readonly settings: Settings;
  readonly playbook: () => Playbook;
  /** Language models, in the order they are tried. */
  readonly endpoints: readonly Model[];
  /** Open issues of people, as counted lately. */
  readonly loads: Loads;
  readonly answers: AnswerBook;
  readonly finder: PiiFinder | null;
  readonly tracker: Tracker;
  readonly memory: Memory;
  /** For past tickets. */
  readonly embedder: Embedder | null;
  /** For new ones: the model that past tickets are searched with. */
  readonly queryEmbedder: Embedder | null;
  readonly ledger: Ledger;
  readonly models: ModelStore;
  readonly shelf: Shelf;
  readonly localModel: () => LocalModel | null;
  readonly queues: QueueBackend;
  readonly publisher: Publisher;
  /** What of a ticket goes to the embeddings endpoint. */
  readonly textOf: TextOf;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly remember: (issues: readonly Issue[]) => Promise<number>;
  /** Reclaims space where the database does not do so by itself. */
  readonly vacuum: () => Promise<void>;
}

/** The one place where adapters meet stages: the URLs in the settings choose the adapters. */
export async function compose(settings: Settings): Promise<Context> {
  const log = openLog(settings.logLevel);
  const metrics = openMetrics(settings);
  const clock = { now: () => new Date() };
  await using opened = new AsyncDisposableStack();
  const tracing = opened.use(await openTracing(settings.traces, { log, version: ownVersion() }));
  const rulebook = await openPlaybook(settings, metrics, tracing);
  const loaded = () => rulebook.current().playbook;

  const { storage, publisher } = await openWork({ settings, log, tracing }, opened);
  const memory = await openMemory(settings, storage.sql, log);
  const { embedder, queryEmbedder, textOf, ...embedding } = await openEmbedders(settings, loaded, memory.spaces);
  opened.defer(embedding.close);
  const playbook = () => rulebook.current().playbookFor(queryEmbedder?.model ?? null);
  const classifier = await openClassifier(storage.sql, log);
  opened.defer(classifier.stop);
  const jira = { observe: jiraListener(metrics, tracing), pace: openSitePace(settings, storage, log) };
  const tracker = openTracker(settings, loaded, jira);
  const ledger = postgresLedger(storage.sql);
  const ports = { tracker, memory, ledger, embedder, queryEmbedder, textOf, clock, log, metrics, tracing, publisher };
  const { areWritesOn } = settings;

  const closing = opened.move();
  return Object.assign(ofNow(rulebook, playbook), {
    settings,
    ...ports,
    ...openFollowing({ rulebook, settings, ...ports }),
    ...classifier,
    answers: postgresAnswers(storage.sql),
    finder: settings.presidio && presidioFinder(settings.presidio),
    loads: openLoads(ports),
    queues: storage.queues,
    remember: (issues: readonly Issue[]) => remember(issues, playbook(), { ...ports, areWritesOn }),
    vacuum: storage.vacuum,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  });
}

/** What is another one after `config/` changed. */
function ofNow({ current }: Rulebook, playbook: () => Playbook) {
  return {
    playbook,
    get endpoints() {
      return current().endpoints;
    },
    get uncalibrated() {
      return unmeasured(playbook(), current().endpoints).uncalibrated;
    },
    get uncalibratedModels() {
      return unmeasured(playbook(), current().endpoints).uncalibratedModels;
    },
  };
}

type WorkParts = Pick<Context, 'settings' | 'log' | 'tracing'>;

/** Rows and jobs. */
async function openWork({ settings, log, tracing }: WorkParts, opened: AsyncDisposableStack) {
  const storage = await openStorage(settings, log, { telemetry: tracing.queues });
  opened.defer(() => storage.close());
  // Before anything may be refused: an open line to Redis would keep a process alive that should end.
  opened.defer(() => storage.queues.close());
  await migrate(storage.sql);
  await storage.queues.prepare();
  const publisher = opened.use(
    openPublisher(storage.queues, (error) => log.warn({ err: error }, 'queue'), tracing.goOn),
  );
  return { storage, publisher };
}

/** The local classifier, looked up again and again. */
async function openClassifier(sql: Sql, log: Logger) {
  const models = postgresModels(sql);
  const shelf = new Shelf(models, (problem) => log.warn(problem, 'a stored local classifier cannot be used'));
  await shelf.refresh();
  return { models, shelf, localModel: shelf.current, stop: every(SHELF_MS, () => shelf.refresh(), log) };
}

/** How soon a model that another process trained is used here. */
const SHELF_MS = 30_000;

/** Does something again and again, never twice at once; returns how to stop it. */
function every(intervalMs: number, act: () => Promise<void>, log: Logger): () => void {
  let isBusy = false;
  const run = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await act();
    } catch (error) {
      log.warn({ why: safeMessageOf(error) }, 'the local classifier cannot be looked up now');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void run(), intervalMs).unref();
  return () => clearInterval(timer);
}

function openMetrics({ gitCommit }: Settings): Metrics {
  const metrics = createMetrics();
  processMetrics(metrics.registry, { version: ownVersion(), commit: gitCommit ?? '' });
  return metrics;
}

interface Ways {
  readonly observe: ReturnType<typeof jiraListener>;
  readonly pace: Pace;
}

function openTracker(settings: Settings, playbook: () => Playbook, { observe, pace }: Ways): Tracker {
  const transport = openTransport({ ...settings.jira, apiToken: settings.secrets.jiraApiToken }, observe, pace);
  const tracker = jiraTracker(transport, () => customFieldsOf(playbook()));
  return settings.areWritesOn ? tracker : withoutWrites(tracker);
}

/** Ids of the custom fields that the playbook reads. */
function customFieldsOf({ targets, classify }: Playbook): readonly string[] {
  const features = classify.features.filter((name) => name.startsWith('customfield_'));
  return [...targets.flatMap((target) => ('field' in target ? [target.field] : [])), ...features];
}
