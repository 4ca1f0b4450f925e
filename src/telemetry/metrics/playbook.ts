import { Counter, Gauge, type Registry } from 'prom-client';
import { fromZero } from './buckets.ts';

/** `config/`, and how well it still fits what comes in. */
export function playbookMetrics(registry: Registry) {
  const registers = [registry];
  return {
    playbook: new Gauge({
      name: 'triage_playbook_info',
      help: 'The playbook revision in use',
      labelNames: ['revision'],
      registers,
    }),
    playbookFaults: new Gauge({
      name: 'triage_playbook_faults',
      help: 'Faults that keep config/ from being taken, 0 when it holds',
      registers,
    }),
    playbookReloads: fromZero(
      new Counter({
        name: 'triage_playbook_reloads_total',
        help: 'Changes of config/ that were taken or refused',
        labelNames: ['result'],
        registers,
      }),
      [{ result: 'taken' }, { result: 'refused' }],
    ),
    retiredValues: new Gauge({
      name: 'triage_retired_values',
      help: 'Values of the playbook that Jira does not allow any more, by target',
      labelNames: ['target'],
      registers,
    }),
    drift: new Gauge({
      name: 'triage_drift',
      help: 'How far the last days differ from those before, by target and signal',
      labelNames: ['target', 'signal'],
      registers,
    }),
    driftLimit: new Gauge({
      name: 'triage_drift_limit',
      help: 'From where on a drift is an alarm, by target and signal',
      labelNames: ['target', 'signal'],
      registers,
    }),
  };
}
