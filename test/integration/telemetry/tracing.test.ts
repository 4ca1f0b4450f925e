import { describe, expect, test } from 'vitest';
import { type CollectedSpan, type Collector, startCollector } from '../../fakes/collector.ts';
import { ownDatabase } from '../../support/database.ts';
import { deskTickets, newDraft } from '../../support/desk.ts';
import { type TestStage, testStage } from '../../support/stage.ts';

const redisUrl = process.env['TEST_REDIS_URL'] || undefined;
const databaseUrl = process.env['TEST_DATABASE_URL'] || undefined;
const CREATED = { events: ['jira:issue_created'] };
const PATIENCE = { timeout: 120_000 };
const { fresh } = deskTickets();

function ticket(index = 0) {
  const chosen = fresh[index];
  if (!chosen) throw new Error('no tickets');
  return { ...newDraft(chosen), summary: `${chosen.summary} CANARY-summary`, description: 'CANARY-description' };
}

type Running = Awaited<ReturnType<TestStage['start']>>;

async function triaged(stage: TestStage, running: Running, indexes: readonly number[] = [0]): Promise<string[]> {
  const keys: string[] = [];
  for (const index of indexes) keys.push((await stage.site.createIssue(ticket(index))).key);
  await stage.site.webhooks.flush();
  await running.admin.idle({ timeoutMs: 30_000 });
  return keys;
}

/** What the collector has once the service has ended, and with that has sent everything. */
async function afterTheEnd(collector: Collector, running: Running): Promise<readonly CollectedSpan[]> {
  expect(await running.service.stop()).toBe(0);
  return collector.spans;
}

describe.each([
  { name: 'PGlite', isAtHand: true, backend: 'embedded' },
  { name: 'PostgreSQL', isAtHand: databaseUrl !== undefined, backend: 'postgres' },
  { name: 'Redis', isAtHand: redisUrl !== undefined, backend: 'redis' },
] as const)('traces with jobs on $name', ({ name, isAtHand, backend }) => {
  if (!isAtHand) process.stdout.write(`skipped without TEST_REDIS_URL or TEST_DATABASE_URL: traces on ${name}\n`);

  async function openDesk(opened: AsyncDisposableStack) {
    const env: Record<string, string> = {};
    if (backend === 'postgres') env['DATABASE_URL'] = opened.use(await ownDatabase(databaseUrl ?? '')).url;
    if (backend === 'redis') env['REDIS_URL'] = new URL('/13', redisUrl).href;
    const collector = opened.use(await startCollector());
    const stage = opened.use(await testStage({ env, ...CREATED }));
    return { collector, stage };
  }

  test.runIf(isAtHand)('one webhook is one connected trace, from the door to the edit in Jira', PATIENCE, async () => {
    await using opened = new AsyncDisposableStack();
    const { collector, stage } = await openDesk(opened);
    const running = opened.use(await stage.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));
    const [key] = await triaged(stage, running);
    const spans = await afterTheEnd(collector, running);

    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots.map((span) => span.name)).toEqual(['receive webhook']);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))).toEqual([]);

    const path = pathTo(spans, ({ facts }) => facts['http.request.method'] === 'PUT');
    expect(path[0]).toBe('receive webhook');
    expect(path.at(-1)).toBe('PUT /rest/api/3/issue/{}');
    expect(path.indexOf('process triage')).toBeGreaterThan(0);
    expect(path.indexOf('process write-back')).toBeGreaterThan(path.indexOf('process triage'));
    expect(roots[0]?.facts).toMatchObject({ 'triage.issue_key': key, 'triage.door': 'webhook' });
    expect(collector.raw.join('')).not.toMatch(/CANARY/);
  });

  test.runIf(isAtHand)('tickets that come together are traces of their own', PATIENCE, async () => {
    await using opened = new AsyncDisposableStack();
    const { collector, stage } = await openDesk(opened);
    const running = opened.use(await stage.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));
    const keys = await triaged(stage, running, [...fresh.keys()].slice(0, 20));
    const spans = await afterTheEnd(collector, running);
    const traces = Map.groupBy(spans, ({ traceId }) => traceId);
    expect(traces.size).toBe(20);
    for (const own of traces.values()) {
      const edits = own.filter(({ facts }) => facts['http.request.method'] === 'PUT');
      expect(edits).toHaveLength(1);
      expect(new Set(own.flatMap(({ facts }) => facts['triage.issue_key'] ?? [])).size).toBe(1);
    }
    const told = [...traces.values()].map((own) => own.find(({ name }) => name === 'receive webhook'));
    expect(told.map((root) => root?.facts['triage.issue_key']).sort()).toEqual(keys.sort());
  });
});

describe('a collector in trouble', () => {
  test.each(['hanging', 'failing', 'away'] as const)(
    'that is %s costs no ticket and no time',
    PATIENCE,
    async (trouble) => {
      await using collector = await startCollector();
      if (trouble === 'away') await collector[Symbol.asyncDispose]();
      else collector.mood = trouble;
      await using stage = await testStage(CREATED);
      await using running = await stage.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
      const keys = await triaged(stage, running, [...fresh.keys()].slice(0, 20));
      expect(keys.map((key) => stage.site.edits(key).length)).toEqual(keys.map(() => 1));
      const stoppedAt = performance.now();
      expect(await running.service.stop()).toBe(0);
      expect(performance.now() - stoppedAt).toBeLessThan(8_000);
      expect(collector.spans).toEqual([]);
    },
  );

  test('none is asked for anything when no traces are wanted', PATIENCE, async () => {
    await using collector = await startCollector();
    await using stage = await testStage(CREATED);
    await using running = await stage.start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    await triaged(stage, running);
    expect(await afterTheEnd(collector, running)).toEqual([]);
    expect(collector.requests).toBe(0);
  });
});

/** The names of the steps that lead to the first of these. */
function pathTo(spans: readonly CollectedSpan[], isIt: (span: CollectedSpan) => boolean): string[] {
  const path: string[] = [];
  let at = spans.find(isIt);
  while (at) {
    path.unshift(at.name);
    const { parentSpanId } = at;
    at = spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return path;
}
