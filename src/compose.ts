import { withoutWrites } from './adapters/jira/dry-run.ts';
import { jiraTracker } from './adapters/jira/tracker.ts';
import { openTransport } from './adapters/jira/transport.ts';
import { postgresAnswers } from './adapters/postgres/answers.ts';
import { postgresLedger } from './adapters/postgres/ledger.ts';
import { assertVectors, postgresMemory } from './adapters/postgres/memory.ts';
import { migrate } from './adapters/postgres/migrations.ts';
import { postgresModels } from './adapters/postgres/models.ts';
import type { Sql } from './adapters/postgres/sql.ts';
import { presidioFinder } from './adapters/presidio/finder.ts';
import { openEmbedders } from './compose/embedding.ts';
import { openPlaybook, type Rulebook, unmeasured } from './compose/playbook.ts';
import { openStorage } from './compose/storage.ts';
import type { TextOf } from './domain/embedding.ts';
import { messageOf } from './domain/errors.ts';
import type { Issue } from './domain/issue.ts';
import type { Playbook } from './domain/playbook.ts';
import type { AnswerBook, Clock, Embedder, Ledger, Memory, ModelStore, Tracker } from './domain/ports.ts';
import { remember } from './feedback/learn.ts';
import type { LocalModel } from './learning/linear/model.ts';
import { Shelf } from './learning/shelf.ts';
import type { PiiFinder } from './privacy/finder.ts';
import type { QueueBackend } from './queue/backend.ts';
import { openPublisher, type Publisher } from './queue/publisher.ts';
import type { Settings } from './settings/env.ts';
import { type Logger, openLog } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

/** Every opened part of the service. Disposing closes what was opened, in reverse. */
export interface Context extends ReturnType<typeof unmeasured>, Pick<Rulebook, 'endpoints'>, AsyncDisposable {
  readonly settings: Settings;
  readonly playbook: () => Playbook;
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
  readonly remember: (issues: readonly Issue[]) => Promise<number>;
  /** Reclaims space where the database does not do so by itself. */
  readonly vacuum: () => Promise<void>;
}

/** The one place where adapters meet stages: the URLs in the settings choose the adapters. */
export async function compose(settings: Settings): Promise<Context> {
  const log = openLog(settings.logLevel);
  const metrics = createMetrics();
  const { loaded, playbookFor, endpoints } = await openPlaybook(settings, metrics);
  await using opened = new AsyncDisposableStack();

  const storage = await openStorage(settings, log);
  opened.defer(() => storage.close());
  await migrate(storage.sql);
  await storage.queues.prepare();
  opened.defer(() => storage.queues.close());
  const publisher = opened.use(openPublisher(storage.queues, (error) => log.warn({ err: error }, 'queue')));
  if (settings.embeddings) await assertVectors(storage.sql);
  const memory = await postgresMemory(storage.sql);
  const { embedder, queryEmbedder, textOf, ...embedding } = await openEmbedders(settings, loaded, memory.spaces);
  opened.defer(embedding.close);
  const playbook = () => playbookFor(queryEmbedder?.model ?? null);
  const classifier = await openClassifier(storage.sql, log);
  opened.defer(classifier.stop);

  const closing = opened.move();
  return {
    settings,
    playbook,
    endpoints,
    ...unmeasured(playbook(), endpoints),
    answers: postgresAnswers(storage.sql),
    finder: settings.presidio && presidioFinder(settings.presidio),
    tracker: openTracker(settings, loaded, metrics),
    memory,
    embedder,
    queryEmbedder,
    ledger: postgresLedger(storage.sql),
    ...classifier,
    queues: storage.queues,
    publisher,
    clock: { now: () => new Date() },
    log,
    metrics,
    textOf,
    remember: (issues) => remember(issues, playbook(), { memory, embedder, textOf }),
    vacuum: storage.vacuum,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
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
      log.warn({ why: messageOf(error) }, 'the local classifier cannot be looked up now');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void run(), intervalMs).unref();
  return () => clearInterval(timer);
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
