import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { fromZero, WAITED_SECONDS } from './buckets.ts';

/** What is decided, and how soon. */
export function decisionMetrics(registry: Registry) {
  const registers = [registry];
  return {
    decisions: new Counter({
      name: 'triage_decisions_total',
      help: 'Targets decided on, by rung that answered, mode, and whether it is a value or an abstention',
      labelNames: ['target', 'rung', 'mode', 'outcome'],
      registers,
    }),
    verdicts: new Counter({
      name: 'triage_verdicts_total',
      help: 'Verdicts by target and result: value, or the reason of the abstention',
      labelNames: ['target', 'result'],
      registers,
    }),
    sinceCreation: new Histogram({
      name: 'triage_creation_to_decision_seconds',
      help: 'From the creation of a new ticket in Jira to its decision',
      buckets: WAITED_SECONDS,
      registers,
    }),
    sinceCreationToWrite: new Histogram({
      name: 'triage_creation_to_write_seconds',
      help: 'From the creation of a new ticket in Jira to the end of its write-back',
      buckets: WAITED_SECONDS,
      registers,
    }),
    bursts: new Counter({ name: 'triage_bursts_total', help: 'Bursts of similar tickets that were opened', registers }),
    degraded: new Counter({
      name: 'triage_degraded_total',
      help: 'Decisions made on a lower rung, or with less evidence, than the playbook asks for',
      registers,
    }),
  };
}

/** What people make of it. */
export function qualityMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ['target'] as const;
  return {
    outcomes: new Counter({
      name: 'triage_outcomes_total',
      help: 'What people made of values, by target and result; a ticket that changes again counts again',
      labelNames: ['target', 'result'],
      registers,
    }),
    judged: new Gauge({
      name: 'triage_judged_values',
      help: 'Written values that people judged within the last 30 days, by target',
      labelNames,
      registers,
    }),
    overrideRate: new Gauge({
      name: 'triage_override_rate',
      help: 'Share of the judged written values of the last 30 days that people replaced, by target',
      labelNames,
      registers,
    }),
    calibrationError: new Gauge({
      name: 'triage_calibration_error',
      help: 'Expected calibration error (10 equal bins) of the values judged within the last 30 days, by target',
      labelNames,
      registers,
    }),
    brakesPulled: fromZero(
      new Counter({
        name: 'triage_brakes_pulled_total',
        help: 'Classes and targets that switched themselves to a more careful mode',
        labelNames: ['kind'],
        registers,
      }),
      [{ kind: 'override-rate' }, { kind: 'field-gone' }],
    ),
    brakes: new Gauge({
      name: 'triage_brakes',
      help: 'Classes and targets that wait for a person to release them',
      registers,
    }),
  };
}
