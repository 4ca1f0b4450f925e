import { describe, expect, test } from 'vitest';
import { keepFinding } from '../../../src/compose/gauges/findings.ts';
import { gaugesOf } from '../../../src/compose/gauges/gauges.ts';
import type { Context } from '../../../src/compose.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import type { JobQueue, QueueBackend } from '../../../src/queue/backend.ts';
import { workerContext } from '../../contract/support/worker-context.ts';
import { deliveryWith, playbookWith } from '../../support/fixtures.ts';
import { brakeWith, outcomeWith } from '../../support/outcomes.ts';

/** Queues that are away. */
function noQueues(): QueueBackend {
  const away = async () => {
    throw new TransientError('the queue cannot be reached');
  };
  const queue: JobQueue = {
    add: away,
    addBulk: away,
    getJobScheduler: away,
    upsertJobScheduler: away,
    removeJobScheduler: away,
    getJobCounts: away,
    getJobs: away,
    trimEvents: away,
    getJob: away,
    close: async () => {},
    on: () => {},
  };
  return {
    kind: 'redis',
    bulkFrom: 2,
    prepare: async () => {},
    queue: () => queue,
    worker: () => {
      throw new Error('no workers here');
    },
    trimEvents: async () => {},
    mend: async () => 0,
    ping: away,
    close: async () => {},
  };
}

async function shown(context: Context, name: RegExp): Promise<readonly string[]> {
  await gaugesOf(context)();
  return (await context.metrics.registry.metrics()).split('\n').filter((line) => name.test(line));
}

describe('gauges of shared state', () => {
  test('are shown but for those of what is away', async () => {
    const context = workerContext(noQueues());
    await context.ledger.receive([deliveryWith(), deliveryWith()]);
    await context.ledger.pullBrake(brakeWith());
    expect(await shown(context, /^triage_(deliveries_open|brakes|memory_tickets|queue_jobs)\b/)).toEqual([
      'triage_deliveries_open 2',
      'triage_brakes 1',
      'triage_memory_tickets 0',
    ]);
    expect(await shown(context, /^triage_scrape_errors\{.*\} 1/)).toEqual(['triage_scrape_errors{source="queue"} 1']);
  });

  test('tell how targets of the playbook fare, and nothing of those that it no longer names', async () => {
    const context = workerContext(noQueues());
    const judgedAt = new Date().toISOString();
    await context.ledger.recordOutcomes([
      outcomeWith({ judgedAt, result: 'confirmed' }),
      outcomeWith({ judgedAt, result: 'overridden', to: 'email' }),
      outcomeWith({ judgedAt, result: 'confirmed', how: 'shadowed' }),
      outcomeWith({ judgedAt, result: 'confirmed', target: 'CANARY' }),
    ]);
    expect(await shown(context, /^triage_(judged|override|calibration)/)).toEqual([
      'triage_judged_values{target="category"} 2',
      'triage_override_rate{target="category"} 0.5',
      expect.stringMatching(/^triage_calibration_error\{target="category"\} 0\.23/),
    ]);
  });

  test('tell what upkeep last found, also in a process that did not look for it', async () => {
    const context = workerContext(noQueues());
    await keepFinding(context.ledger, 'drift', [{ target: 'category', signal: 'shift', value: 0.3, limit: 0.25 }]);
    await keepFinding(context.ledger, 'retired', { category: 2 });
    expect(await shown(context, /^triage_(drift|retired)/)).toEqual([
      'triage_retired_values{target="category"} 2',
      'triage_drift{target="category",signal="shift"} 0.3',
      'triage_drift_limit{target="category",signal="shift"} 0.25',
    ]);
  });

  test('of what another version wrote are left out', async () => {
    const context = workerContext(noQueues());
    await context.ledger.setCursor('found-drift', '{"some":"thing"}');
    await context.ledger.setCursor('found-retired', 'no JSON');
    expect(await shown(context, /^triage_(drift|retired)/)).toEqual([]);
    expect(await shown(context, /^triage_scrape_errors\{source="upkeep"\}/)).toEqual([
      'triage_scrape_errors{source="upkeep"} 1',
    ]);
  });

  test("tell how much of the day's budget is used, of all projects and of the one nearest to its own limit", async () => {
    const budget = { perDay: { tokens: 1_000 }, perProject: { money: 4 } };
    const playbook = playbookWith({ model: { prompt: 'prompts/triage.yaml', budget } });
    const context = { ...workerContext(noQueues()), playbook: () => playbook };
    const day = new Date().toISOString().slice(0, 10);
    const limits = { perDay: { tokens: 1e6, money: 1e6 }, perProject: { tokens: 1e6, money: 1e6 } };
    for (const [project, money] of [
      ['IT', 1],
      ['HR', 3],
    ] as const)
      await context.answers.claim({ key: project, day: { day, project }, cost: { tokens: 100, money }, limits });
    expect(await shown(context, /^triage_model_budget/)).toEqual([
      'triage_model_budget_used_ratio{scope="all",unit="tokens"} 0.2',
      'triage_model_budget_used_ratio{scope="project",unit="money"} 0.75',
    ]);
  });
});
