import { describe, expect, test } from 'vitest';
import { inYard, triageJob, yards } from './yards.ts';

const issues = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => triageJob({ issueId: `${prefix}-${index}` }));

describe.each(yards)('urgency of jobs in $name', ({ open }) => {
  const { context, publish, startWorker } = inYard(open);

  test('an urgent job overtakes those that wait', async () => {
    const normal = [triageJob(), triageJob(), triageJob()];
    const urgent = triageJob({ isForced: true });
    await publish(...normal);
    await context().publisher.publish('triage', [urgent], { urgency: 'ahead' });
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(4);
    expect(worker.runs[0]).toEqual(urgent);
  });

  test('history waits for all others, however early it came, and then runs in its order', async () => {
    const history = issues('history', 20);
    const fresh = issues('fresh', 20);
    const asked = issues('asked', 1);
    await context().publisher.publish('triage', history, { urgency: 'behind' });
    await publish(...fresh);
    await context().publisher.publish('triage', asked, { urgency: 'ahead' });
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(41);
    expect(worker.runs).toEqual([...asked, ...fresh, ...history]);
  });

  test('tickets that come in while history runs go before what is left of it', async () => {
    const history = issues('history', 20);
    const fresh = issues('fresh', 6);
    await context().publisher.publish('triage', history, { urgency: 'behind' });
    await using worker = startWorker(async ({ issueId }) => {
      if (issueId === 'history-3') await publish(...fresh);
    });
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(26);
    const order = worker.runs.map(({ issueId }) => issueId.split('-')[0]);
    // A worker may have taken its next job at the moment they came.
    const firstFresh = order.indexOf('fresh');
    expect(firstFresh).toBeLessThanOrEqual(5);
    expect(order.slice(firstFresh, firstFresh + 6)).toEqual(Array.from({ length: 6 }, () => 'fresh'));
    expect(worker.runs.slice(-3).map(({ issueId }) => issueId)).toEqual(['history-17', 'history-18', 'history-19']);
  });
});
