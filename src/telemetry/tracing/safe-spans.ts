import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** What may be told of a span. BullMQ also notes messages of errors and results of jobs; those stay here. */
const TOLD: ReadonlySet<string> = new Set([
  'bullmq.queue.name',
  'bullmq.queue.operation',
  'bullmq.job.id',
  'bullmq.job.name',
  'bullmq.job.attempts.made',
  'bullmq.job.bulk.count',
  'error.type',
  'gen_ai.operation.name',
  'gen_ai.request.model',
  'http.request.method',
  'http.response.status_code',
  'triage.decision_id',
  'triage.delivery_id',
  'triage.door',
  'triage.endpoint',
  'triage.issue_key',
  'triage.revision',
  'triage.waited_ms',
  'triage.write_state',
  'url.template',
]);
/** Of an event: that it happened, and the kind of error. */
const TOLD_OF_EVENTS: ReadonlySet<string> = new Set(['exception.type']);
const MAX_LENGTH = 200;

/** Sends spans on with what is known to be harmless, and nothing else: no messages, no stacks, no words of a ticket. */
export function safeSpans(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(safe), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

function safe(span: ReadableSpan): ReadableSpan {
  const { name, kind, parentSpanContext, startTime, endTime, duration, ended, resource, instrumentationScope } = span;
  return {
    name: name.slice(0, MAX_LENGTH),
    kind,
    spanContext: () => span.spanContext(),
    ...(parentSpanContext ? { parentSpanContext } : {}),
    startTime,
    endTime,
    duration,
    ended,
    resource,
    instrumentationScope,
    status: { code: span.status.code },
    attributes: only(TOLD, span.attributes),
    links: [],
    events: span.events.map((event) => ({ ...event, attributes: only(TOLD_OF_EVENTS, event.attributes ?? {}) })),
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function only(names: ReadonlySet<string>, attributes: Attributes): Attributes {
  const kept = Object.entries(attributes).filter(([name]) => names.has(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value]),
  );
}
