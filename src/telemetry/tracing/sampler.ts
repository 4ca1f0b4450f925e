import { SpanKind } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

/** Where a trace may begin: at our doors, and with a job that nobody traced before. */
const BEGINNINGS: ReadonlySet<SpanKind> = new Set([SpanKind.SERVER, SpanKind.CONSUMER]);
const NO: SamplingResult = { decision: SamplingDecision.NOT_RECORD };

/**
 * A share of all traces, each whole or not at all. What runs by itself begins none: BullMQ looks for jobs all the time,
 * and group commits belong to no single ticket.
 */
export function ticketSampler(share: number): Sampler {
  const ratio = new TraceIdRatioBasedSampler(share);
  return new ParentBasedSampler({
    root: {
      // biome-ignore lint/complexity/useMaxParams: the interface of OpenTelemetry
      shouldSample: (context, traceId, _name, kind) =>
        BEGINNINGS.has(kind) ? ratio.shouldSample(context, traceId) : NO,
      toString: () => `TicketSampler{${share}}`,
    },
  });
}
