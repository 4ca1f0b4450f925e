import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { openLog } from '../../../src/telemetry/log.ts';
import { safeSpans } from '../../../src/telemetry/tracing/safe-spans.ts';
import { ticketSampler } from '../../../src/telemetry/tracing/sampler.ts';
import { NO_TRACING } from '../../../src/telemetry/tracing/steps.ts';
import { openTracing } from '../../../src/telemetry/tracing.ts';
import { startCollector } from '../../fakes/collector.ts';

/** A tracer whose finished spans can be read as they would be sent. */
function watched(share = 1) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    sampler: ticketSampler(share),
    spanProcessors: [new SimpleSpanProcessor({ exporter: safeSpans(exporter) })],
  });
  return { tracer: provider.getTracer('test'), sent: () => exporter.getFinishedSpans() };
}

describe('what is sent of a span', () => {
  test('is what is known to be harmless: no messages, results or other words', () => {
    const { tracer, sent } = watched();
    const attributes: Attributes = {
      'http.request.method': 'PUT',
      'http.response.status_code': 204,
      'triage.issue_key': 'IT-1',
      'bullmq.job.failed.reason': 'CANARY',
      'bullmq.job.result': 'CANARY',
      'ticket.summary': 'CANARY',
    };
    const span = tracer.startSpan('process triage', { kind: SpanKind.SERVER, attributes });
    span.recordException(new Error('CANARY'));
    span.addEvent('job failed', { 'bullmq.job.failed.reason': 'CANARY' });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'CANARY' });
    span.end();
    const [told] = sent();
    expect(told?.attributes).toEqual({
      'http.request.method': 'PUT',
      'http.response.status_code': 204,
      'triage.issue_key': 'IT-1',
    });
    expect(told?.events.map(({ name, attributes: kept }) => [name, kept])).toEqual([
      ['exception', { 'exception.type': 'Error' }],
      ['job failed', {}],
    ]);
    expect(told?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(told?.spanContext()).toEqual(span.spanContext());
  });
});

describe('what is traced', () => {
  test('begins at a door or with a job that nobody traced, and not with what runs by itself', () => {
    const { tracer, sent } = watched();
    for (const [name, kind] of Object.entries({
      receive: SpanKind.SERVER,
      process: SpanKind.CONSUMER,
      getNextJob: SpanKind.INTERNAL,
      addBulk: SpanKind.PRODUCER,
      GET: SpanKind.CLIENT,
    }))
      tracer.startSpan(name, { kind }).end();
    expect(sent().map(({ name }) => name)).toEqual(['receive', 'process']);
  });

  test('is a share of the tickets, each with all of its steps', () => {
    const { tracer, sent } = watched(0.25);
    for (let ticket = 0; ticket < 2_000; ticket += 1) {
      const root = tracer.startSpan('receive', { kind: SpanKind.SERVER });
      tracer.startSpan('PUT', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, root)).end();
      root.end();
    }
    const traces = Map.groupBy(sent(), (span) => span.spanContext().traceId);
    // 500 are expected; 6 standard deviations are 116.
    expect(Math.abs(traces.size - 500)).toBeLessThan(116);
    expect([...traces.values()].every((spans) => spans.length === 2)).toBe(true);
  });
});

describe('without a collector', () => {
  test('nothing is opened, and everything goes on as ever', async () => {
    const tracing = await openTracing(null, { log: openLog('silent'), version: '1' });
    expect(tracing).toBe(NO_TRACING);
    expect(tracing.queues).toBeUndefined();
    expect(await tracing.begin('receive', {}, async (from) => from ?? 'untraced')).toBe('untraced');
    expect(tracing.goOn('anything', () => 1)).toBe(1);
  });
});

describe('a collector that hangs', () => {
  test('is sent what waited when it comes back, which is no more than was to be kept', {
    timeout: 20_000,
  }, async () => {
    await using collector = await startCollector();
    collector.mood = 'hanging';
    const tracing = await openTracing({ url: collector.url, share: 1 }, { log: openLog('silent'), version: '1' });
    for (let ticket = 0; ticket < 20_000; ticket += 1) await tracing.begin('receive webhook', {}, async () => {});
    collector.mood = 'fine';
    const startedAt = performance.now();
    await tracing[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    // 4,096 wait at most, and 512 may be under way.
    expect(collector.spans.length).toBeLessThanOrEqual(4_096 + 512);
  });
});
