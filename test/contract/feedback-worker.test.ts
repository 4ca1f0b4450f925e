import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../src/domain/errors.ts';
import type { Issue } from '../../src/domain/ticket/issue.ts';
import type { QueueBackend } from '../../src/queue/backend.ts';
import { postgresQueues } from '../../src/queue/postgres.ts';
import { feedbackWorker } from '../../workers/feedback.ts';
import { BOT, decisionWith, deliveryWith, freshId, issueWith, writeWith } from '../support/fixtures.ts';
import { deskWith } from '../unit/support/tracker.ts';
import { databases, type TestDatabase } from './support/databases.ts';
import { workerContext } from './support/worker-context.ts';

const learn = { kind: 'do', intent: 'learn', isForced: false } as const;
let database: TestDatabase;
let backend: QueueBackend;

beforeAll(async () => {
  const [first] = databases;
  if (!first) throw new Error('no database');
  database = await first.open();
  backend = postgresQueues(database.pool);
  await backend.prepare();
});

afterAll(async () => {
  await backend.close();
  await database[Symbol.asyncDispose]();
});

/** Tickets where a person replaced our category, each with a delivery that says so. */
async function corrected(count: number) {
  const issues = Array.from({ length: count }, (): Issue => {
    const changes = [
      { fieldId: 'labels', from: 'cat-network', to: 'cat-mail', by: 'ada', at: '2026-05-01T08:02:00.000Z' },
      { fieldId: 'labels', from: null, to: 'cat-network', by: BOT, at: '2026-05-01T08:01:00.000Z' },
    ];
    return issueWith({ id: freshId(), labels: ['cat-mail'], changes });
  });
  const looks: string[] = [];
  const desk = deskWith(...issues);
  const trouble = new Map<string, Error[]>();
  const tracker = {
    ...desk,
    issue: async (id: string) => {
      looks.push(id);
      const error = trouble.get(id)?.shift();
      if (error) throw error;
      return desk.issue(id);
    },
  };
  const context = { ...workerContext(backend), tracker };
  for (const { id, key } of issues) {
    const about = { issueId: id, issueKey: key };
    const decision = decisionWith({ ...about, values: { category: 'network' } });
    await context.ledger.recordDecision(decision);
    const changes = { category: { before: null, after: 'network' } };
    await context.ledger.recordWrite(writeWith({ ...about, decisionId: decision.id, changes }));
  }
  const hear = async (of: readonly Issue[]) => {
    const deliveries = of.map(({ id }) => deliveryWith({ issueId: id, plan: learn }));
    const receipts = await context.ledger.receive(deliveries);
    return receipts.map(({ id, attempt }, index) => ({
      deliveryId: id,
      attempt,
      issueId: of[index]?.id ?? '',
      intent: 'learn' as const,
    }));
  };
  return { context, issues, looks, trouble, hear };
}

describe('the feedback worker', () => {
  test('learns from all that came in together, with one look at each ticket', async () => {
    const { context, issues, looks, hear } = await corrected(3);
    const [first, ...others] = await hear([...issues, ...issues]);
    if (!first) throw new Error('nothing was heard');
    await using _worker = feedbackWorker(context);
    await context.publisher.publish('feedback', [{ ...first, others }]);
    await expect.poll(() => context.ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ learned: 6 });
    expect(looks.length).toBeLessThanOrEqual(6);
    for (const { key } of issues)
      expect((await context.ledger.story(key)).outcomes).toMatchObject([
        { result: 'overridden', to: 'mail', by: 'ada' },
      ]);
    const metric = await context.metrics.outcomes.get();
    expect(metric.values).toMatchObject([{ labels: { target: 'category', result: 'overridden' } }]);
  });

  test('lets what fails in company go on alone, so that no other waits for it', async () => {
    const { context, issues, trouble, hear } = await corrected(4);
    const [slow, broken] = issues;
    trouble.set(slow?.id ?? '', [new TransientError('busy'), new TransientError('still busy')]);
    trouble.set(broken?.id ?? '', [new PermanentError('never'), new PermanentError('never')]);
    const [first, ...others] = await hear(issues);
    if (!first) throw new Error('nothing was heard');
    await using _worker = feedbackWorker(context);
    await context.publisher.publish('feedback', [{ ...first, others }]);
    await expect.poll(() => context.ledger.deliveryCounts(), { timeout: 20_000 }).toEqual({ learned: 3, failed: 1 });
  });

  test('pulls the brake on a class that people keep replacing', async () => {
    const { context, issues, hear } = await corrected(12);
    const [first, ...others] = await hear(issues);
    if (!first) throw new Error('nothing was heard');
    await using _worker = feedbackWorker({ ...context, clock: { now: () => new Date('2026-05-02T08:00:00.000Z') } });
    await context.publisher.publish('feedback', [{ ...first, others }]);
    await expect
      .poll(() => context.ledger.brakes(), { timeout: 10_000 })
      .toMatchObject([{ target: 'category', value: 'network', kind: 'override-rate' }]);
  });
});
