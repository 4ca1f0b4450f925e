import { z } from 'zod';
import { OptionalUrl } from './endpoints.ts';

/** What the service tells of itself. */
export const TelemetrySchema = z.object({
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Traces go there by OTLP over HTTP; nowhere when absent. The name is OpenTelemetry's. */
  OTEL_EXPORTER_OTLP_ENDPOINT: OptionalUrl,
  /** Share of tickets that are traced. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});

export interface TelemetrySettings {
  readonly logLevel: string;
  /** Where traces go, and which share of tickets is traced, 0 to 1; null: nowhere. */
  readonly traces: { readonly url: string; readonly share: number } | null;
}

export function telemetryOf(it: z.output<typeof TelemetrySchema>): TelemetrySettings {
  const url = it.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    logLevel: it.LOG_LEVEL,
    traces: url === undefined ? null : { url: url.replace(/\/+$/, ''), share: it.OTEL_TRACES_SAMPLER_ARG },
  };
}
