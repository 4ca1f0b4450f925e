import type { Metrics } from '../metrics.ts';
import type { Tracing } from '../tracing/steps.ts';

type ModelMetrics = Pick<Metrics, 'modelCalls' | 'modelBreaker'>;

/** Hears how one endpoint of a language model fares. */
export interface ModelListener {
  readonly observe: (call: { readonly result: 'replied' | 'failed'; readonly ms: number }) => void;
  readonly onBreaker: (isOpen: boolean) => void;
}

/** Counts every question that is asked there, and adds it to the trace it belongs to. */
export function modelListener(
  { endpoint, model }: { readonly endpoint: string; readonly model: string },
  { metrics, tracing }: { readonly metrics: ModelMetrics; readonly tracing: Pick<Tracing, 'called'> },
): ModelListener {
  metrics.modelBreaker.set({ endpoint }, 0);
  return {
    observe: ({ result, ms }) => {
      metrics.modelCalls.observe({ endpoint, result }, ms / 1000);
      tracing.called({
        name: `chat ${model}`,
        ms,
        hasFailed: result === 'failed',
        facts: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': model, 'triage.endpoint': endpoint },
      });
    },
    onBreaker: (isOpen) => metrics.modelBreaker.set({ endpoint }, isOpen ? 1 : 0),
  };
}
