import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { fromZero, SECONDS } from './buckets.ts';

/** Jobs and what comes of them. */
export function workMetrics(registry: Registry) {
  const registers = [registry];
  return {
    jobs: new Counter({
      name: 'triage_jobs_total',
      help: 'Attempts at jobs by queue and result: done, or the kind of error',
      labelNames: ['queue', 'result'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'triage_job_seconds',
      help: 'Run time of one job',
      labelNames: ['queue'],
      buckets: SECONDS,
      registers,
    }),
    writes: fromZero(
      new Counter({
        name: 'triage_writes_total',
        help: 'Write-backs by state',
        labelNames: ['state'],
        registers,
      }),
      ['applied', 'unchanged', 'dry-run', 'refused', 'superseded'].map((state) => ({ state })),
    ),
  };
}

/** What waits, and for how long. */
export function backlogMetrics(registry: Registry) {
  const registers = [registry];
  return {
    queueDepth: new Gauge({
      name: 'triage_queue_jobs',
      help: 'Jobs by queue and state',
      labelNames: ['queue', 'state'],
      registers,
    }),
    queueOldest: new Gauge({
      name: 'triage_queue_oldest_job_seconds',
      help: 'Age of the oldest job that waits for a worker, 0 when none waits',
      labelNames: ['queue'],
      registers,
    }),
    deadLetters: new Gauge({
      name: 'triage_dead_letters',
      help: 'Jobs out of attempts that wait for a person, by queue',
      labelNames: ['queue'],
      registers,
    }),
    open: new Gauge({ name: 'triage_deliveries_open', help: 'Deliveries accepted and not yet ended', registers }),
    openOldest: new Gauge({
      name: 'triage_delivery_oldest_open_seconds',
      help: 'Age of the oldest delivery that was accepted and has not ended, 0 when none is open',
      registers,
    }),
  };
}
