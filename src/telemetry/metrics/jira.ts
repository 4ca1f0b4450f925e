import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { fromZero, PATIENT_SECONDS, SECONDS } from './buckets.ts';

/** Requests to Jira and what they wait for. */
export function jiraMetrics(registry: Registry) {
  const registers = [registry];
  return {
    jiraSeconds: new Histogram({
      name: 'triage_jira_request_seconds',
      help: 'Requests to Jira by what they are about; status 0: no answer',
      labelNames: ['endpoint', 'method', 'status'],
      buckets: PATIENT_SECONDS,
      registers,
    }),
    jiraWaitSeconds: new Histogram({
      name: 'triage_jira_wait_seconds',
      help: 'How long requests to Jira waited for their turn before they were sent',
      buckets: SECONDS,
      registers,
    }),
    jiraThrottled: fromZero(
      new Counter({
        name: 'triage_jira_throttled_total',
        help: 'Answers by which Jira asked for a pause, by its reason',
        labelNames: ['reason'],
        registers,
      }),
      ['burst', 'issue', 'quota', 'concurrency', 'gateway', 'unavailable', 'other'].map((reason) => ({ reason })),
    ),
    jiraRemaining: new Gauge({
      name: 'triage_jira_rate_limit_remaining',
      help: 'Budget Jira last reported',
      registers,
    }),
  };
}
