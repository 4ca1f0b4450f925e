import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openPublisher } from '../../../src/queue/publisher.ts';
import { runWorker } from '../../../workers/run.ts';
import { inYard, triageJob, yards } from './yards.ts';

describe.each(yards)('queues in $name', ({ open }) => {
  const { yard, context, publish, startWorker } = inYard(open);

  test('what is published reaches a worker whole', async () => {
    const payload = triageJob({ isForced: true, issueId: 'IT-7' });
    await using worker = startWorker();
    await publish(payload);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toEqual([payload]);
  });

  test('jobs run in the order they came, few or many', async () => {
    const payloads = Array.from({ length: 41 }, (_, index) => triageJob({ issueId: String(index) }));
    await publish(...payloads.slice(0, 1));
    await publish(...payloads.slice(1));
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(41);
    expect(worker.runs).toEqual(payloads);
  });

  test('the same job published twice runs once', async () => {
    const payload = triageJob();
    const last = triageJob();
    await publish(payload);
    await publish(payload, payload);
    await publish(last);
    await using worker = startWorker();
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toContainEqual(last);
    await publish(payload);
    const after = triageJob();
    await publish(after);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toContainEqual(after);
    expect(worker.runs.filter(({ deliveryId }) => deliveryId === payload.deliveryId)).toHaveLength(1);
  });

  test('a worker with nothing to do wakes at once when a job comes', async () => {
    await using worker = startWorker();
    const delays: number[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const startedAt = performance.now();
      await publish(triageJob());
      await expect.poll(() => worker.runs.length, { timeout: 8_000, interval: 5 }).toBe(round);
      delays.push(performance.now() - startedAt);
    }
    // The first one may still meet a worker that is starting.
    for (const delay of delays.slice(1)) expect(delay).toBeLessThan(500);
  });

  test('a running job still holds its lock', async () => {
    const held: string[] = [];
    await using _worker = startWorker(async (_payload, run) => {
      await run.assertStillOurs();
      held.push('yes');
    });
    await publish(triageJob());
    await expect.poll(() => held, { timeout: 5_000 }).toEqual(['yes']);
  });

  test('closing a worker lets its running job finish', async () => {
    const steps: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = startWorker(async () => {
      steps.push('started');
      await gate;
      steps.push('finished');
    });
    await publish(triageJob());
    await expect.poll(() => steps, { timeout: 5_000 }).toEqual(['started']);
    const closing = worker[Symbol.asyncDispose]();
    release();
    await closing;
    expect(steps).toEqual(['started', 'finished']);
  });

  test('depths tell what waits in which queue', async () => {
    const before = await context().publisher.depths();
    await context().publisher.publish('feedback', [
      { deliveryId: randomUUID(), attempt: 1, issueId: '1', intent: 'learn' },
      { deliveryId: randomUUID(), attempt: 1, issueId: '2', intent: 'forget' },
    ]);
    const after = await context().publisher.depths();
    expect((after.feedback['waiting'] ?? 0) - (before.feedback['waiting'] ?? 0)).toBe(2);
    expect(after['write-back']).toEqual(before['write-back']);
  });

  test('a scheduled task runs again and again, once among all replicas', async () => {
    await using replica = openPublisher(yard().backend, () => {});
    await context().publisher.schedule('requeue', 300);
    await replica.schedule('requeue', 300);
    const times: number[] = [];
    const worker = runWorker(context(), {
      queue: 'upkeep',
      concurrency: 4,
      process: async ({ task }) => {
        if (task === 'requeue') times.push(performance.now());
      },
      giveUp: async () => {},
    });
    await expect.poll(() => times.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
    await worker[Symbol.asyncDispose]();
    // One scheduler every 300 ms: two of them would have run four times in half the time.
    expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(600);
  });

  test('trimming leaves about as many past events as asked for', async () => {
    await publish(...Array.from({ length: 300 }, () => triageJob()));
    expect(await yard().countEvents('triage')).toBeGreaterThan(250);
    await context().publisher.trimEvents(50);
    expect(await yard().countEvents('triage')).toBeLessThanOrEqual(150);
    await using worker = startWorker();
    await expect.poll(() => worker.runs.length, { timeout: 20_000 }).toBe(300);
  });

  test('many at once each run once, and are forgotten but for the latest', async () => {
    await using one = startWorker(async () => {}, 8);
    await using other = startWorker(async () => {}, 8);
    for (let round = 0; round < 9; round += 1) await publish(...Array.from({ length: 50 }, () => triageJob()));
    const runs = () => [...one.runs, ...other.runs];
    await expect.poll(() => runs().length, { timeout: 40_000 }).toBe(450);
    await context().publisher.trimEvents(1_000);
    expect(await yard().countCompleted('triage')).toBeLessThanOrEqual(150);
    expect(new Set(runs().map(({ deliveryId }) => deliveryId)).size).toBe(450);
  });

  test('says whether it is there', async () => {
    await expect(yard().backend.ping()).resolves.toBeUndefined();
  });
});
