import { afterEach, describe, expect, test, vi } from 'vitest';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { inYard, triageJob, yards } from './yards.ts';

const HOUR_MS = 3_600_000;
const EVERY_MS = 600_000;

describe.each(yards)('a clock that was ahead, in $name', ({ open }) => {
  const { context, publish, startWorker, yard } = inYard(open);
  afterEach(() => void vi.useRealTimers());

  /** Only the time of day; what waits goes on. */
  async function hoursAhead(act: () => Promise<void>): Promise<void> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * HOUR_MS });
    await act();
    vi.useRealTimers();
  }

  test('does not hold up a job that was published to wait a little, which waits as long as it was meant to', async () => {
    await hoursAhead(() => context().publisher.publish('triage', [triageJob()], { delayMs: 1_000 }));
    await using worker = startWorker();
    const from = Date.now();
    expect(await context().publisher.mend()).toBe(1);
    await expect.poll(() => worker.runs, { timeout: 15_000 }).toHaveLength(1);
    expect(Date.now() - from).toBeGreaterThanOrEqual(950);
    expect(await context().publisher.mend()).toBe(0);
  });

  test('does not keep a worker asleep that went to sleep for as long as it seemed', async () => {
    await hoursAhead(() => context().publisher.publish('triage', [triageJob()], { delayMs: 1_000 }));
    await using worker = startWorker();
    await new Promise((resume) => setTimeout(resume, 1_000));
    await context().publisher.mend();
    await expect.poll(() => worker.runs, { timeout: 6_000 }).toHaveLength(1);
  });

  test('does not hold up a job that failed and is to be tried again', async () => {
    let tries = 0;
    await using _worker = startWorker(async () => {
      tries += 1;
      if (tries === 1) throw new Error('not now');
    });
    await hoursAhead(async () => {
      await publish(triageJob());
      await expect.poll(async () => (await context().publisher.depths()).triage['delayed']).toBe(1);
    });
    await expect.poll(() => context().publisher.mend()).toBeGreaterThan(0);
    await expect.poll(() => tries, { timeout: 15_000 }).toBe(2);
  });

  test('does not stop a queue that was to rest for a moment', async () => {
    let tries = 0;
    await hoursAhead(async () => {
      await using worker = startWorker(async () => {
        tries += 1;
        if (tries === 1) throw new RateLimitedError('slow', { retryAfterMs: 1_000, scope: 'site' });
      });
      await publish(triageJob());
      await expect.poll(() => worker.runs).toHaveLength(1);
    });
    await context().publisher.mend();
    await using _worker = startWorker(async () => {
      tries += 1;
    });
    await expect.poll(() => tries, { timeout: 15_000 }).toBe(2);
  });

  test('is told from a wait that was meant', async () => {
    await context().publisher.publish('triage', [triageJob()], { delayMs: 2 * HOUR_MS });
    await context().publisher.schedule('live-check', EVERY_MS);
    expect(await context().publisher.mend()).toBe(0);
  });

  test('does not put off what runs again and again', async () => {
    const queue = yard().backend.queue('upkeep');
    const nextOf = async () => (await queue.getJobScheduler('upkeep-requeue'))?.next ?? 0;
    await hoursAhead(() => context().publisher.schedule('requeue', EVERY_MS));
    expect(await nextOf()).toBeGreaterThan(Date.now() + 2 * HOUR_MS);
    await context().publisher.schedule('requeue', EVERY_MS);
    const next = await nextOf();
    expect(next).toBeLessThanOrEqual(Date.now() + EVERY_MS);
    await context().publisher.schedule('requeue', EVERY_MS);
    expect(await nextOf()).toBe(next);
    await queue.close();
  });
});
