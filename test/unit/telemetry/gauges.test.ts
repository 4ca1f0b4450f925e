import { Gauge } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import { openGauges, type Source } from '../../../src/telemetry/gauges.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

const quiet = { warn: () => {} };

describe('gauges of shared state', () => {
  let metrics: ReturnType<typeof createMetrics>;
  let plain: Gauge;
  let labelled: Gauge<'queue'>;

  beforeEach(() => {
    metrics = createMetrics();
    const registers = [metrics.registry];
    plain = new Gauge({ name: 'test_plain', help: 'x', registers });
    labelled = new Gauge({ name: 'test_labelled', help: 'x', labelNames: ['queue'], registers });
  });

  const source = (read: Source['read'], name = 'ledger'): Source => ({ name, gauges: [plain, labelled], read });
  const setTo = (value: number) => async () => () => {
    plain.set(value);
    labelled.set({ queue: 'triage' }, value);
  };
  /** Samples of the test's own gauges, and of the errors. */
  const samples = async () =>
    (await metrics.registry.metrics()).split('\n').filter((line) => /^(test_|triage_scrape_errors)/.test(line));

  test('are set by what was read', async () => {
    const observe = openGauges([source(setTo(3))], { metrics, log: quiet });
    await observe();
    expect(await samples()).toEqual([
      'triage_scrape_errors{source="ledger"} 0',
      'test_plain 3',
      'test_labelled{queue="triage"} 3',
    ]);
  });

  test('are left out when they cannot be read, and come back', async () => {
    let isAway = false;
    const read = async () => {
      if (isAway) throw new TransientError('database: away');
      return setTo(3)();
    };
    const observe = openGauges([source(read)], { metrics, log: quiet, freshMs: 0 });
    await observe();
    isAway = true;
    await observe();
    expect(await samples()).toEqual(['triage_scrape_errors{source="ledger"} 1']);
    isAway = false;
    await observe();
    expect(await samples()).toContain('test_plain 3');
    expect(await samples()).toContain('triage_scrape_errors{source="ledger"} 0');
  });

  test('of one source do not suffer from another that hangs, and a scrape waits no longer than it may', async () => {
    const other = new Gauge({ name: 'test_other', help: 'x', registers: [metrics.registry] });
    let reads = 0;
    const hanging: Source = {
      name: 'queue',
      gauges: [other],
      read: () => {
        reads += 1;
        return new Promise(() => {});
      },
    };
    const observe = openGauges([hanging, source(setTo(1))], { metrics, log: quiet, freshMs: 0, patienceMs: 20 });
    await observe();
    await observe();
    expect(await samples()).toEqual(
      [
        'triage_scrape_errors{source="ledger"} 0',
        'triage_scrape_errors{source="queue"} 1',
        'test_plain 1',
        'test_labelled{queue="triage"} 1',
      ].sort((one, other) => Number(one.startsWith('test')) - Number(other.startsWith('test'))),
    );
    expect(reads).toBe(1);
  });

  test('are read once for all who ask within a while, and for all who ask at the same time', async () => {
    let reads = 0;
    const read = async () => {
      reads += 1;
      return setTo(reads)();
    };
    const observe = openGauges([source(read)], { metrics, log: quiet, freshMs: 60_000 });
    await Promise.all([observe(), observe(), observe()]);
    await observe();
    expect(reads).toBe(1);
    expect(await samples()).toContain('test_plain 1');
  });

  test('drop what a later read no longer has', async () => {
    const queues = [['triage', 'undo'], ['undo']];
    const read = async () => {
      const now = queues.shift() ?? [];
      return () => {
        for (const queue of now) labelled.set({ queue }, 1);
      };
    };
    const observe = openGauges([source(read)], { metrics, log: quiet, freshMs: 0 });
    await observe();
    await observe();
    expect(await samples()).toEqual(['triage_scrape_errors{source="ledger"} 0', 'test_labelled{queue="undo"} 1']);
  });
});
