import { totalmem } from 'node:os';
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { fromZero } from './buckets.ts';

/** What past tickets and sweeps have come to. */
export function stateMetrics(registry: Registry) {
  const registers = [registry];
  return {
    memorySize: new Gauge({ name: 'triage_memory_tickets', help: 'Past tickets in memory', registers }),
    classifierTickets: new Gauge({
      name: 'triage_classifier_tickets',
      help: 'Past tickets the local classifier in use has learnt from, 0 without one',
      registers,
    }),
    classifierStored: new Gauge({
      name: 'triage_classifier_stored_timestamp_seconds',
      help: 'When the local classifier in use was trained; none without one',
      registers,
    }),
    unaccounted: new Gauge({
      name: 'triage_tickets_unaccounted',
      help: 'Tickets that Jira has and nobody looks after: not handed over by the last sweep, or accepted and stuck',
      registers,
    }),
    lastSweep: new Gauge({
      name: 'triage_sweep_last_success_timestamp_seconds',
      help: 'When a sweep last went through to its end',
      registers,
    }),
    sweepFound: fromZero(
      new Counter({
        name: 'triage_sweep_found_total',
        help: 'What no webhook had told and a sweep handed over: new tickets, and changes to learn from',
        labelNames: ['what'],
        registers,
      }),
      [{ what: 'ticket' }, { what: 'change' }],
    ),
    scrapeErrors: new Gauge({
      name: 'triage_scrape_errors',
      help: '1 where the gauges of a source could not be read for this answer and are left out',
      labelNames: ['source'],
      registers,
    }),
  };
}

/** This very process: memory, processor, event loop, garbage collection, and what it is built from. */
export function processMetrics(registry: Registry, build: { readonly version: string; readonly commit: string }) {
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'triage_build_info',
    help: 'What this process runs',
    labelNames: ['version', 'commit', 'node'],
    registers,
  }).set({ ...build, node: process.version }, 1);
  new Gauge({
    name: 'triage_memory_limit_bytes',
    help: 'Memory this process may use: the limit of its container, else that of the machine',
    registers,
  }).set(Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem()));
}
