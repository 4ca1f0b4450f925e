import { Job } from 'bullmq';
import { pino } from 'pino';
import type { Context } from '../../../../src/compose.ts';
import type { Decision } from '../../../../src/domain/decision/decision.ts';
import type { Ledger } from '../../../../src/domain/ports/ledger.ts';
import type { Memory } from '../../../../src/domain/ports/memory.ts';
import type { MarkedEdit, Tracker } from '../../../../src/domain/ports/tracker.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import type { JobWorker, QueueBackend } from '../../../../src/queue/backend.ts';
import type { PayloadOf, Publish } from '../../../../src/queue/catalogue.ts';
import { createMetrics } from '../../../../src/telemetry/metrics.ts';
import { triageWorker } from '../../../../workers/triage.ts';
import { writeBackWorker } from '../../../../workers/write-back.ts';
import { workerContext } from '../../../contract/support/worker-context.ts';
import { ledgerFake } from '../../../fakes/ledger.ts';
import { BOT, deliveryWith } from '../../../support/fixtures.ts';
import { NOW_MS } from './ticket.ts';
import type { Setting } from './trial.ts';

/** One ticket's way through the service's own workers, and everything that left them. */
export interface Watched {
  readonly issue: Issue;
  readonly decision: Decision;
  readonly edits: readonly MarkedEdit[];
  /** Paragraphs of internal notes. */
  readonly notes: readonly string[];
  /** Every line of the log, as it was written. */
  readonly logs: readonly string[];
}

export interface Watch {
  readonly through: (issue: Issue, memory: Memory) => Promise<Watched>;
  /** What a scrape would see. */
  readonly metrics: () => Promise<string>;
  readonly ledger: Ledger;
}

type Work = (job: Job, token: string | undefined) => Promise<void>;

/** The triage and write-back workers as they are, with queues, Jira and the ledger in memory; one ticket at a time. */
export function openWatch({ stand, playbook, model, answers }: Setting): Watch {
  const [works, logs, published] = [new Map<string, Work>(), [] as string[], [] as unknown[]];
  const jira = openJira();
  const metrics = createMetrics();
  let memory = stand.memory;
  const queues = queuesFake((name, work) => works.set(name, work));
  const publish: Publish = async (_name, payloads) => void published.push(...payloads);
  const base = workerContext(queues);
  const context: Context = {
    ...base,
    playbook: () => playbook,
    endpoints: model ? [model] : [],
    answers,
    get memory() {
      return memory;
    },
    ledger: ledgerFake(),
    tracker: jira.tracker,
    localModel: () => stand.localModel,
    publisher: { ...base.publisher, publish },
    clock: { now: () => new Date(NOW_MS) },
    log: pino({ level: 'trace', base: null }, { write: (line: string) => void logs.push(line) }),
    metrics,
  };
  triageWorker(context);
  writeBackWorker(context);
  const run = async (name: string, data: unknown) => works.get(name)?.(jobWith(data), 'token');
  return {
    ledger: context.ledger,
    metrics: () => metrics.registry.metrics(),
    through: async (issue, past) => {
      memory = past;
      jira.issues.set(issue.id, issue);
      const [receipt] = await context.ledger.receive([deliveryWith({ issueId: issue.id, issueKey: issue.key })]);
      if (!receipt) throw new Error('the ledger took no delivery');
      const job = { deliveryId: receipt.id, attempt: receipt.attempt, issueId: issue.id, isForced: true };
      await run('triage', { ...job, overridesHumans: false, round: 0 } satisfies PayloadOf<'triage'>);
      await run('write-back', published.shift());
      const decision = await context.ledger.decision(`${job.deliveryId}-${job.attempt}`);
      if (!decision) throw new Error(`nothing was decided about ${issue.key}: ${logs.join('')}`);
      return { issue, decision, ...jira.take(), logs: logs.splice(0) };
    },
  };
}

/** A Jira that takes everything and keeps it. */
function openJira() {
  const [issues, edits, notes] = [new Map<string, Issue>(), [] as MarkedEdit[], [] as string[]];
  const tracker: Tracker = {
    myself: async () => ({ accountId: BOT, displayName: 'Bot' }),
    issue: async (id) => issues.get(id) ?? null,
    isAssignable: async () => true,
    edit: async (_id, edit) => {
      edits.push(edit);
      return { kind: 'done' };
    },
    putInternalNote: async (_id, paragraphs) => {
      notes.push(...paragraphs);
      return { kind: 'done' };
    },
    search: async () => ({ issues: [], next: null }),
    glimpse: async () => ({ issues: [], next: null }),
    serverTime: async () => new Date().toISOString(),
    count: async () => 0,
    person: async (accountId) => ({ accountId, displayName: accountId, isActive: true }),
    componentLead: async () => null,
    fields: async () => new Map(),
    whereabouts: async () => new Map(),
  };
  return { issues, tracker, take: () => ({ edits: edits.splice(0), notes: notes.splice(0) }) };
}

function jobWith(data: unknown): Job {
  return Object.assign(Object.create(Job.prototype), {
    id: '1',
    data,
    attemptsMade: 0,
    extendLock: async () => 1,
  });
}

const absent = async (): Promise<never> => {
  throw new Error('there is no queue behind this');
};

function queuesFake(take: (name: string, work: Work) => void): QueueBackend {
  const queue = {
    on: () => {},
    add: absent,
    addBulk: absent,
    getJobScheduler: absent,
    upsertJobScheduler: absent,
    removeJobScheduler: absent,
    getJobCounts: absent,
    getJobs: absent,
    trimEvents: absent,
    getJob: absent,
    close: async () => {},
  };
  const worker: JobWorker = { on: () => {}, rateLimit: absent, close: async () => {} };
  return {
    kind: 'redis',
    bulkFrom: 1,
    prepare: async () => {},
    queue: () => queue,
    worker: (name, work) => {
      take(name, work);
      return worker;
    },
    trimEvents: async () => {},
    mend: async () => 0,
    ping: async () => {},
    close: async () => {},
  };
}
