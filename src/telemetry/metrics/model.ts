import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { fromZero, PATIENT_SECONDS } from './buckets.ts';

/** Language models: how they answer and what they cost. */
export function modelMetrics(registry: Registry) {
  const registers = [registry];
  return {
    modelCalls: new Histogram({
      name: 'triage_model_seconds',
      help: 'Questions to language models, from asking to the reply or to giving up',
      labelNames: ['endpoint', 'result'],
      buckets: PATIENT_SECONDS,
      registers,
    }),
    modelBreaker: new Gauge({
      name: 'triage_model_breaker_open',
      help: '1 while an endpoint is left alone after several faults in a row',
      labelNames: ['endpoint'],
      registers,
    }),
    modelTokens: fromZero(
      new Counter({
        name: 'triage_model_tokens_total',
        help: 'Tokens sent to and got from language models',
        labelNames: ['direction'],
        registers,
      }),
      [{ direction: 'in' }, { direction: 'out' }],
    ),
    modelMoney: new Counter({
      name: 'triage_model_money_total',
      help: 'What language models cost, in the currency of the playbook',
      registers,
    }),
    modelBudget: new Gauge({
      name: 'triage_model_budget_used_ratio',
      help: "Share of today's budget that is used: of all projects, and of the one nearest to its own limit",
      labelNames: ['scope', 'unit'],
      registers,
    }),
  };
}
