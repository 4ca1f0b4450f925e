import type { Context } from '../../../src/compose.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { wholeText } from '../../../src/domain/ticket/embedding.ts';
import { Shelf } from '../../../src/learning/shelf.ts';
import type { QueueBackend } from '../../../src/queue/backend.ts';
import { openPublisher } from '../../../src/queue/publisher.ts';
import { readSettings } from '../../../src/settings/env.ts';
import { openLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { NO_TRACING } from '../../../src/telemetry/tracing/steps.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { modelsFake } from '../../fakes/models.ts';
import { serviceEnv } from '../../support/env.ts';
import { playbookWith } from '../../support/fixtures.ts';
import { noModel } from '../../support/model.ts';
import { emptyDesks, everybodyWorks } from '../../support/routing.ts';

/** What a worker runs in, with real queues and nothing else that is real. */
export function workerContext(queues: QueueBackend): Context {
  const publisher = openPublisher(queues, () => {});
  const models = modelsFake();
  const shelf = new Shelf(models, () => {});
  return {
    settings: readSettings(serviceEnv('http://127.0.0.1:1', '.data')),
    playbook: () => playbookWith(),
    uncalibrated: [],
    uncalibratedModels: [],
    tracker: NO_TRACKER,
    memory: memoryFake(),
    embedder: null,
    queryEmbedder: null,
    ...noModel,
    textOf: wholeText,
    ledger: ledgerFake(),
    loads: emptyDesks,
    roster: () => everybodyWorks,
    follow: async () => new AsyncDisposableStack(),
    playbookTrouble: () => [],
    models,
    shelf,
    localModel: shelf.current,
    queues,
    publisher,
    clock: { now: () => new Date() },
    log: openLog('silent'),
    metrics: createMetrics(),
    tracing: NO_TRACING,
    remember: async () => 0,
    vacuum: async () => {},
    [Symbol.asyncDispose]: () => publisher[Symbol.asyncDispose](),
  };
}

const absent = async () => {
  throw new Error('there is no Jira in this test');
};

const NO_TRACKER: Tracker = {
  myself: absent,
  issue: absent,
  isAssignable: absent,
  edit: absent,
  putInternalNote: absent,
  search: absent,
  glimpse: absent,
  serverTime: absent,
  count: absent,
  person: absent,
  componentLead: absent,
  fields: absent,
  whereabouts: absent,
};
