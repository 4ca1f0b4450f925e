import {
  context,
  DiagLogLevel,
  diag,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';
import { resultOf } from '../observe/decision.ts';
import { type QueueTelemetry, queueTelemetry } from './queues.ts';
import { safeSpans } from './safe-spans.ts';
import { ticketSampler } from './sampler.ts';
import type { Tracing } from './steps.ts';

const NAME = 'jira-triage';
/** What is not fetched by then is dropped: a span takes about 2 kB. */
const MAX_WAITING = 4_096;
const EXPORT_MS = 5_000;
const EVERY_MS = 1_000;
const FLUSH_MS = 3_000;
const COMPLAINT_MS = 60_000;

/** Registers with OpenTelemetry's globals, through which BullMQ and loggers find the trace they are in. */
export function openProvider(
  { url, share }: { readonly url: string; readonly share: number },
  { log, version }: { readonly log: Logger; readonly version: string },
): Tracing {
  diag.setLogger(complaintsTo(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces`, timeoutMillis: EXPORT_MS, concurrencyLimit: 2 });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': NAME, 'service.version': version }),
    sampler: ticketSampler(share),
    spanLimits: { attributeValueLengthLimit: 200, eventCountLimit: 16, linkCountLimit: 4 },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: safeSpans(exporter),
        maxQueueSize: MAX_WAITING,
        maxExportBatchSize: 512,
        scheduledDelayMillis: EVERY_MS,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  const queues = queueTelemetry(NAME);
  return {
    queues,
    ...stepsOf(trace.getTracer(NAME, version), queues.contextManager),
    [Symbol.asyncDispose]: () => close(provider),
  };
}

function stepsOf(
  tracer: Tracer,
  at: QueueTelemetry['contextManager'],
): Pick<Tracing, 'begin' | 'goOn' | 'note' | 'called'> {
  return {
    begin: async (name, facts, act) => {
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, root: true, attributes: facts });
      try {
        return await act(at.getMetadata(trace.setSpan(ROOT_CONTEXT, span)));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('error.type', resultOf(error));
        throw error;
      } finally {
        span.end();
      }
    },
    goOn: (from, act) => (from === undefined ? act() : at.with(at.fromMetadata(ROOT_CONTEXT, from), act)),
    note: (facts) => void trace.getActiveSpan()?.setAttributes(facts),
    called: ({ name, ms, facts, hasFailed }) => {
      const now = Date.now();
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: now - ms, attributes: facts });
      if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(now);
    },
  };
}

/** Sends what is left, and leaves the globals as they were found. */
async function close(provider: TracerProvider): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
  });
  // A collector that is away has been complained about.
  await Promise.race([provider.shutdown().catch(() => {}), late]);
  clearTimeout(timer);
  trace.disable();
  propagation.disable();
  context.disable();
  diag.disable();
}

/** The SDK repeats its complaints with every batch, and may put the collector's answer into them. */
function complaintsTo(log: Logger) {
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = () => {
    if (performance.now() - toldAt < COMPLAINT_MS) return;
    toldAt = performance.now();
    log.warn('traces cannot be delivered; they are dropped, and tickets do not wait for them');
  };
  const nothing = () => {};
  return { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing };
}
