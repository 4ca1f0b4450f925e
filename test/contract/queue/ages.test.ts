import { describe, expect, test } from 'vitest';
import { inYard, triageJob, yards } from './yards.ts';

const HOUR_MS = 3_600_000;

describe.each(yards)('how long jobs wait in $name', ({ open }) => {
  const { context, publish, startWorker } = inYard(open);
  const since = async () => (await context().publisher.waitingSince()).get('triage');

  /** The yard is one for all tests. */
  async function workedOff(): Promise<void> {
    await using _worker = startWorker(async () => {}, 8);
    await expect.poll(since, { timeout: 20_000 }).toBeNull();
  }

  test('is told of the oldest that a worker could take, and of none where none waits', async () => {
    expect(await since()).toBeNull();
    const from = Date.now();
    await publish(triageJob());
    const first = await since();
    expect(first).toBeGreaterThanOrEqual(from);
    expect(first).toBeLessThanOrEqual(Date.now());
    await publish(...Array.from({ length: 20 }, () => triageJob()));
    expect(await since()).toBe(first);
    await workedOff();
  });

  test('is told of the oldest also behind those that a person wants first', async () => {
    await publish(triageJob());
    const first = await since();
    for (let ahead = 0; ahead < 3; ahead += 1)
      await context().publisher.publish('triage', [triageJob()], { urgency: 'ahead' });
    expect(await since()).toBe(first);
    await workedOff();
  });

  test('is told of those that go behind everything else', async () => {
    await context().publisher.publish('triage', [triageJob()], { urgency: 'behind' });
    expect(await since()).toBeLessThanOrEqual(Date.now());
    expect((await context().publisher.depths()).triage).toMatchObject({ prioritized: 1, waiting: 0 });
    await workedOff();
  });

  test('is not told of what is to wait', async () => {
    await context().publisher.publish('triage', [triageJob()], { delayMs: HOUR_MS });
    expect(await since()).toBeNull();
  });
});
