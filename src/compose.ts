import { withoutWrites } from './adapters/jira/dry-run.ts';
import { jiraTracker } from './adapters/jira/tracker.ts';
import { openTransport } from './adapters/jira/transport.ts';
import { openaiEmbedder } from './adapters/openai/embedder.ts';
import { postgresAnswers } from './adapters/postgres/answers.ts';
import { postgresLedger } from './adapters/postgres/ledger.ts';
import { assertVectors, postgresMemory } from './adapters/postgres/memory.ts';
import { migrate } from './adapters/postgres/migrations.ts';
import { postgresModels } from './adapters/postgres/models.ts';
import { presidioFinder } from './adapters/presidio/finder.ts';
import { freshModelCalibrations, openEndpoints, uncalibratedModels } from './compose/endpoints.ts';
import { openStorage } from './compose/storage.ts';
import { messageOf } from './domain/errors.ts';
import type { Issue } from './domain/issue.ts';
import type { Playbook } from './domain/playbook.ts';
import type { AnswerBook, Clock, Embedder, Ledger, Memory, Model, ModelStore, Tracker } from './domain/ports.ts';
import { prepareEnrichers } from './enrich/enrich.ts';
import { remember } from './feedback/learn.ts';
import { scoringKey } from './learning/lesson.ts';
import type { LocalModel } from './learning/linear/model.ts';
import { Shelf } from './learning/shelf.ts';
import type { PiiFinder } from './privacy/finder.ts';
import type { QueueBackend } from './queue/backend.ts';
import { openPublisher, type Publisher } from './queue/publisher.ts';
import type { Settings } from './settings/env.ts';
import { loadPlaybook } from './settings/playbook-store.ts';
import { type Logger, openLog } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

/** Every opened part of the service. Disposing closes what was opened, in reverse. */
export interface Context extends AsyncDisposable {
  readonly settings: Settings;
  readonly playbook: () => Playbook;
  /** Targets without a calibration that fits: past tickets only suggest. */
  readonly uncalibrated: readonly string[];
  /** Targets that a model is asked about, but only suggests. */
  readonly uncalibratedModels: readonly string[];
  /** Language models, in the order they are tried. */
  readonly endpoints: readonly Model[];
  readonly answers: AnswerBook;
  readonly finder: PiiFinder | null;
  readonly tracker: Tracker;
  readonly memory: Memory;
  readonly embedder: Embedder | null;
  readonly ledger: Ledger;
  readonly models: ModelStore;
  readonly shelf: Shelf;
  readonly localModel: () => LocalModel | null;
  readonly queues: QueueBackend;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly remember: (issues: readonly Issue[]) => Promise<number>;
  /** Reclaims space where the database does not do so by itself. */
  readonly vacuum: () => Promise<void>;
}

/** The one place where adapters meet stages: the URLs in the settings choose the adapters. */
export async function compose(settings: Settings): Promise<Context> {
  const log = openLog(settings.logLevel);
  const loaded = loadPlaybook(settings.configFolder, settings.gitCommit);
  const metrics = createMetrics();
  const endpoints = openEndpoints(settings, loaded, (endpoint, { result, ms }) =>
    metrics.modelCalls.observe({ endpoint, result }, ms / 1000),
  );
  const playbook = withoutStale(loaded, settings.embeddings?.model ?? null, endpoints);
  if (endpoints.length > 0) await prepareEnrichers(playbook.plugins);
  metrics.playbook.set({ revision: playbook.revision }, 1);
  await using opened = new AsyncDisposableStack();

  const storage = await openStorage(settings, log);
  opened.defer(() => storage.close());
  await migrate(storage.sql);
  await storage.queues.prepare();
  opened.defer(() => storage.queues.close());
  const publisher = opened.use(openPublisher(storage.queues, (error) => log.warn({ err: error }, 'queue')));
  if (settings.embeddings) await assertVectors(storage.sql);
  const memory = await postgresMemory(storage.sql);
  const embedder = openEmbedder(settings);
  const models = postgresModels(storage.sql);
  const shelf = new Shelf(models, (problem) => log.warn(problem, 'a stored local classifier cannot be used'));
  await shelf.refresh();
  opened.defer(every(SHELF_MS, () => shelf.refresh(), log));

  const closing = opened.move();
  return {
    settings,
    playbook: () => playbook,
    uncalibrated: uncalibrated(playbook),
    uncalibratedModels: uncalibratedModels(playbook, endpoints),
    endpoints,
    answers: postgresAnswers(storage.sql),
    finder: settings.presidioUrl === null ? null : presidioFinder({ url: settings.presidioUrl }),
    tracker: openTracker(settings, playbook, metrics),
    memory,
    embedder,
    ledger: postgresLedger(storage.sql),
    models,
    shelf,
    localModel: shelf.current,
    queues: storage.queues,
    publisher,
    clock: { now: () => new Date() },
    log,
    metrics,
    remember: (issues) => remember(issues, playbook, { memory, embedder }),
    vacuum: storage.vacuum,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** The playbook without calibrations that were made for other features, retrieval or vectors: they promise nothing here. */
function withoutStale(playbook: Playbook, embedder: string | null, endpoints: readonly Model[]): Playbook {
  const key = scoringKey(playbook);
  const fresh = [...playbook.calibrations].filter(([, made]) => made.recipe === key && made.embedder === embedder);
  const modelCalibrations = freshModelCalibrations(playbook, endpoints, embedder);
  return { ...playbook, calibrations: new Map(fresh), modelCalibrations };
}

/** Targets that would be written from past tickets, if only somebody had measured how often that is right. */
function uncalibrated({ targets, calibrations }: Playbook): readonly string[] {
  return targets.flatMap(({ name, mode, decidedBy, targetPrecision }) => {
    const acts = (mode === 'auto' || mode === 'suggest') && decidedBy === 'evidence' && targetPrecision > 0;
    return acts && !calibrations.has(name) ? [name] : [];
  });
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
      log.warn({ why: messageOf(error) }, 'the local classifier cannot be looked up now');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void run(), intervalMs).unref();
  return () => clearInterval(timer);
}

function openEmbedder({ embeddings, secrets }: Settings): Embedder | null {
  return embeddings && openaiEmbedder({ ...embeddings, apiKey: secrets.openai });
}

function openTracker(settings: Settings, playbook: Playbook, metrics: Metrics): Tracker {
  const transport = openTransport(
    { ...settings.jira, apiToken: settings.secrets.jiraApiToken },
    ({ method, status, ms, remaining }) => {
      metrics.jiraSeconds.observe({ method, status: String(status) }, ms / 1000);
      if (remaining !== null) metrics.jiraRemaining.set(remaining);
    },
  );
  const features = playbook.classify.features.filter((name) => name.startsWith('customfield_'));
  const customFields = [
    ...playbook.targets.flatMap((target) => ('field' in target ? [target.field] : [])),
    ...features,
  ];
  const tracker = jiraTracker(transport, customFields);
  return settings.areWritesOn ? tracker : withoutWrites(tracker);
}
