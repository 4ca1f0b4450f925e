import { Counter, Histogram, type Registry } from 'prom-client';
import { fromZero, pairs, SECONDS } from './buckets.ts';

const DOORS = ['webhook', 'automation', 'admin', 'sweep'];

/** What comes in. */
export function intakeMetrics(registry: Registry) {
  const registers = [registry];
  return {
    deliveries: fromZero(
      new Counter({
        name: 'triage_deliveries_total',
        help: 'Deliveries by door and by what the inbox said; queued: acknowledged before it was asked, and counted again by what it says then',
        labelNames: ['door', 'result'],
        registers,
      }),
      pairs(['door', DOORS], ['result', ['queued', 'new', 'again', 'done', 'ignored']]),
    ),
    rejected: fromZero(
      new Counter({
        name: 'triage_rejected_total',
        help: 'Requests turned away before they were recorded, by door and reason',
        labelNames: ['door', 'why'],
        registers,
      }),
      pairs(['door', DOORS], ['why', ['unsigned', 'unreadable', 'unavailable', 'bug', 'busy', 'memory']]),
    ),
    intakeSeconds: new Histogram({
      name: 'triage_intake_seconds',
      help: 'From verified body to 202',
      buckets: SECONDS,
      registers,
    }),
  };
}
