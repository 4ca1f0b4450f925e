import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { BullMQOtel } from 'bullmq-otel';

/** What BullMQ is given. */
export type QueueTelemetry = ReturnType<typeof queueTelemetry>;

/** BullMQ's own steps, and the trace of a job in its options. */
export function queueTelemetry(tracerName: string) {
  const { tracer, contextManager } = new BullMQOtel({ tracerName });
  return {
    tracer,
    contextManager: {
      // @NOTE bullmq-otel 2.0 has no `root`, so that BullMQ's endless loops would belong to the trace they began in.
      root: () => ROOT_CONTEXT,
      active: () => contextManager.active(),
      with: contextManager.with.bind(contextManager),
      getMetadata: (at: Context) => contextManager.getMetadata(at),
      fromMetadata: (at: Context, metadata: string) => contextManager.fromMetadata(at, metadata),
    },
  };
}
