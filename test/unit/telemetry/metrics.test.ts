import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../../src/domain/errors.ts';
import { processMetrics } from '../../../src/telemetry/metrics/state.ts';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import { observeDecision, resultOf, secondsSince } from '../../../src/telemetry/observe/decision.ts';
import { jiraListener } from '../../../src/telemetry/observe/jira.ts';
import { modelListener } from '../../../src/telemetry/observe/model.ts';
import { NO_TRACING } from '../../../src/telemetry/tracing/steps.ts';
import { decisionWith, playbookWith } from '../../support/fixtures.ts';

async function seriesOf({ registry }: Metrics): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const COMMON = { ms: 12, waitedMs: 0, remaining: null, throttled: null };

describe('the number of series', () => {
  test('does not grow with issues, paths, methods and statuses of Jira', async () => {
    const metrics = createMetrics();
    const tell = jiraListener(metrics, NO_TRACING);
    const hostile = fc.record({
      method: fc.oneof(fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'), fc.string({ maxLength: 8 })),
      path: fc.oneof(
        fc.integer({ min: 1, max: 1e6 }).map((id) => `/rest/api/3/issue/IT-${id}`),
        fc.string().map((text) => `/rest/api/3/user/${text}`),
        fc.string(),
      ),
      status: fc.integer({ min: 0, max: 999 }),
    });
    for (const request of fc.sample(hostile, { numRuns: 3_000, seed: 7 })) tell({ ...COMMON, ...request });
    const labels = (await seriesOf(metrics)).filter((line) => line.startsWith('triage_jira_request_seconds_count'));
    expect(new Set(labels.map((line) => /endpoint="([^"]*)"/.exec(line)?.[1])).size).toBeLessThanOrEqual(12);
    expect(new Set(labels.map((line) => /method="([^"]*)"/.exec(line)?.[1])).size).toBeLessThanOrEqual(5);
    expect(new Set(labels.map((line) => /status="([^"]*)"/.exec(line)?.[1])).size).toBeLessThanOrEqual(22);
    expect(labels.join('\n')).not.toMatch(/IT-\d/);
  });

  test('does not grow with values, runners-up, words and people of decisions', async () => {
    const metrics = createMetrics();
    const playbook = playbookWith();
    const decide = (index: number) =>
      observeDecision(
        metrics,
        decisionWith({
          id: `decision-${index}`,
          issueKey: `IT-${index}`,
          revision: `revision-${index}`,
          degraded: true,
          degradedBecause: `CANARY ${index}`,
          verdicts: {
            category: {
              kind: 'value',
              value: `CANARY-${index}`,
              confidence: 0.9,
              cutOff: 0.5,
              rung: 'local',
              runnersUp: [{ value: `CANARY-${index}`, confidence: 0.1 }],
            },
          },
        }),
        playbook,
      );
    decide(0);
    const before = (await seriesOf(metrics)).length;
    for (let index = 1; index < 500; index += 1) decide(index);
    const series = await seriesOf(metrics);
    expect(series).toHaveLength(before);
    expect(series.join('\n')).not.toContain('CANARY');
  });

  test('does not grow with the names of errors', () => {
    const foreign = Array.from({ length: 100 }, (_, index) => Object.assign(new Error('x'), { name: `Error${index}` }));
    const results = [...foreign, new TransientError('x'), new PermanentError('x'), 'x', null].map(resultOf);
    expect([...new Set(results)].sort()).toEqual(['Error', 'PermanentError', 'TransientError']);
  });
});

describe('every metric', () => {
  test('is named by the rules of Prometheus: base units, and `_total` for counters alone', async () => {
    const metrics = createMetrics();
    processMetrics(metrics.registry, { version: '1', commit: '' });
    const ours = (await metrics.registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith('triage_'));
    expect(ours.length).toBeGreaterThan(40);
    for (const { name, type, help } of ours) {
      expect(name).toMatch(/^triage_[a-z_]+[a-z]$/);
      expect(String(type) === 'counter').toBe(name.endsWith('_total'));
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|hours|kb|mb)(_|$)/);
      if (String(type) === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/^[A-Z1].*[^.]$/);
    }
  });

  test('of the process says what it runs and how much memory it may use', async () => {
    const metrics = createMetrics();
    processMetrics(metrics.registry, { version: '1.2.3', commit: 'abc' });
    const series = await seriesOf(metrics);
    expect(series).toContain(`triage_build_info{version="1.2.3",commit="abc",node="${process.version}"} 1`);
    const limit = series.find((line) => line.startsWith('triage_memory_limit_bytes '))?.split(' ')[1];
    expect(Number(limit)).toBeGreaterThan(1e6);
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'process_open_fds'])
      expect(series.some((line) => line.startsWith(name))).toBe(true);
  });
});

test('a model endpoint shows its breaker from the start, and when it opens and closes', async () => {
  const metrics = createMetrics();
  const breaker = async () => (await seriesOf(metrics)).find((line) => line.startsWith('triage_model_breaker_open'));
  const { onBreaker } = modelListener({ endpoint: 'main', model: 'm' }, { metrics, tracing: NO_TRACING });
  expect(await breaker()).toBe('triage_model_breaker_open{endpoint="main"} 0');
  onBreaker(true);
  expect(await breaker()).toBe('triage_model_breaker_open{endpoint="main"} 1');
  onBreaker(false);
  expect(await breaker()).toBe('triage_model_breaker_open{endpoint="main"} 0');
});

test('a ticket that was created in the future by our clock has waited for nothing', () => {
  expect(secondsSince(new Date(Date.now() + 60_000).toISOString())).toBe(0);
  expect(secondsSince(new Date(Date.now() - 60_000).toISOString())).toBeCloseTo(60, 0);
});
