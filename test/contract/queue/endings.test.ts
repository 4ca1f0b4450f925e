import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError, TransientError } from '../../../src/domain/errors.ts';
import { inYard, triageJob, yards } from './yards.ts';

describe.each(yards)('queues in $name', ({ open }) => {
  const { bareQueue, context, publish, failed, startWorker } = inYard(open);

  test('a job that throws runs again until it works', async () => {
    await using worker = startWorker(async () => {
      if (worker.runs.length < 2) throw new TransientError('Jira was away');
    });
    await publish(triageJob());
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(2);
    expect(worker.givenUp).toEqual([]);
  });

  test('a job that can never work is given up at once and stays visible', async () => {
    const before = await failed();
    const payload = triageJob();
    await using worker = startWorker(async () => {
      throw new PermanentError('not an issue');
    });
    await publish(payload);
    await expect.poll(() => worker.givenUp, { timeout: 5_000 }).toEqual([`${payload.deliveryId}: not an issue`]);
    expect(worker.runs).toHaveLength(1);
    expect(await failed()).toBe(before + 1);
    expect(await context().ledger.deadLetters(10)).toMatchObject([
      {
        id: `triage-${payload.deliveryId}-1`,
        queue: 'triage',
        payload,
        error: 'not an issue',
        history: [expect.stringContaining('not an issue')],
        attempts: 1,
      },
    ]);
  });

  test('a payload of another version is given up without being run', async () => {
    const before = await failed();
    await using worker = startWorker();
    await bareQueue().addBulk([{ name: 'triage', data: { was: 'different' }, opts: { jobId: `old-${randomUUID()}` } }]);
    await expect.poll(failed, { timeout: 5_000 }).toBe(before + 1);
    expect(worker.runs).toEqual([]);
    await expect
      .poll(() => context().ledger.deadLetters(10), { timeout: 5_000 })
      .toMatchObject([{ queue: 'triage', payload: { was: 'different' } }]);
  });

  test('a failed job published again stays failed, and as a revival runs again', async () => {
    const payload = triageJob();
    const isBroken = { now: true };
    await using worker = startWorker(async () => {
      if (isBroken.now) throw new PermanentError('broken');
    });
    await publish(payload);
    await expect.poll(() => worker.givenUp.length, { timeout: 5_000 }).toBe(1);
    isBroken.now = false;
    await publish(payload);
    const marker = triageJob();
    await publish(marker);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toContainEqual(marker);
    expect(worker.runs.filter(({ deliveryId }) => deliveryId === payload.deliveryId)).toHaveLength(1);
    await context().publisher.publish('triage', [payload], { isRevival: true });
    await expect
      .poll(() => worker.runs.filter(({ deliveryId }) => deliveryId === payload.deliveryId).length, { timeout: 5_000 })
      .toBe(2);
  });

  test('a job that fails every time is given up once, with its last reason', async () => {
    const payload = triageJob();
    await using worker = startWorker(async () => {
      throw new Error('a bug');
    });
    await bareQueue().addBulk([
      { name: 'triage', data: payload, opts: { jobId: `once-${payload.deliveryId}`, attempts: 1 } },
    ]);
    await expect.poll(() => worker.givenUp, { timeout: 5_000 }).toEqual([`${payload.deliveryId}: a bug`]);
    expect(worker.runs).toHaveLength(1);
  });

  test('a site that asks for a pause gets one from every job, at the price of no attempt', async () => {
    const times: number[] = [];
    await using worker = startWorker(async () => {
      times.push(performance.now());
      if (times.length === 1) throw new RateLimitedError('slow down', { retryAfterMs: 1_000, scope: 'site' });
    });
    await publish(triageJob(), triageJob());
    await expect.poll(() => times.length, { timeout: 10_000 }).toBe(3);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
    expect(worker.givenUp).toEqual([]);
  });

  test('a pause of the site holds while many jobs run at once', async () => {
    let asked = 0;
    const until = performance.now() + 1_500;
    const slowDown = async () => {
      if (performance.now() > until) return;
      asked++;
      throw new RateLimitedError('slow down', { retryAfterMs: until - performance.now(), scope: 'site' });
    };
    await using worker = startWorker(slowDown, 8);
    await publish(...Array.from({ length: 60 }, () => triageJob()));
    await expect.poll(() => worker.runs.length - asked, { timeout: 15_000 }).toBe(60);
    expect(asked).toBeLessThan(40);
  });

  test('an issue that asks for a pause holds up no other issue', async () => {
    const limited = triageJob({ issueId: '1' });
    const other = triageJob({ issueId: '2' });
    const times = new Map<string, number[]>();
    await using worker = startWorker(async ({ issueId }) => {
      const mine = [...(times.get(issueId) ?? []), performance.now()];
      times.set(issueId, mine);
      if (issueId === '1' && mine.length === 1)
        throw new RateLimitedError('slow down', { retryAfterMs: 800, scope: 'issue' });
    });
    await publish(limited, other);
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(3);
    // Jobs published together may start in either order.
    const order = worker.runs.map(({ issueId }) => issueId);
    expect([order.slice(0, 2).toSorted(), order[2]]).toEqual([['1', '2'], '1']);
    const [first = 0, second = 0] = times.get('1') ?? [];
    expect(second - first).toBeGreaterThan(700);
  });
});
