import { describe, expect, test } from 'vitest';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { inYard, triageJob, yards } from '../queue/yards.ts';

const slowDown = (retryAfterMs: number) =>
  new RateLimitedError('sent now, this would pass what Jira allows', { retryAfterMs, scope: 'endpoint' });

describe.each(yards)('one kind of request that has to wait, queues in $name', ({ open }) => {
  const { publish, startWorker } = inYard(open);

  test('holds up the jobs that need it and nobody else', async () => {
    const finished: string[] = [];
    const held = new Set<string>();
    await using worker = startWorker(async ({ deliveryId, issueId }) => {
      if (issueId === '1' && !held.has(deliveryId)) {
        held.add(deliveryId);
        throw slowDown(1_500);
      }
      finished.push(issueId);
    });
    await publish(...Array.from({ length: 20 }, (_, index) => triageJob({ issueId: index % 4 === 0 ? '1' : '2' })));
    await expect.poll(() => finished.length, { timeout: 15_000 }).toBe(20);
    expect(finished.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => '2'));
    expect(worker.runs).toHaveLength(25);
    expect(worker.givenUp).toEqual([]);
  });

  test('that every job needs lets the queue rest, so that they do not all run in vain', async () => {
    const until = performance.now() + 1_500;
    let inVain = 0;
    await using worker = startWorker(async () => {
      const left = until - performance.now();
      if (left <= 0) return;
      inVain += 1;
      throw slowDown(left);
    }, 4);
    await publish(...Array.from({ length: 80 }, () => triageJob()));
    await expect.poll(() => worker.runs.length - inVain, { timeout: 20_000 }).toBe(80);
    expect(inVain).toBeLessThan(20);
    expect(worker.givenUp).toEqual([]);
  });
});
