import { Registry } from 'prom-client';
import { decisionMetrics, qualityMetrics } from './metrics/decisions.ts';
import { intakeMetrics } from './metrics/intake.ts';
import { jiraMetrics } from './metrics/jira.ts';
import { modelMetrics } from './metrics/model.ts';
import { playbookMetrics } from './metrics/playbook.ts';
import { stateMetrics } from './metrics/state.ts';
import { backlogMetrics, workMetrics } from './metrics/work.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Every metric there is. Labels take few values, known beforehand or declared in the playbook: never an issue key, a
 * person, a class or any words of a ticket.
 */
export function createMetrics() {
  const registry = new Registry();
  return {
    registry,
    ...intakeMetrics(registry),
    ...workMetrics(registry),
    ...backlogMetrics(registry),
    ...decisionMetrics(registry),
    ...qualityMetrics(registry),
    ...jiraMetrics(registry),
    ...modelMetrics(registry),
    ...playbookMetrics(registry),
    ...stateMetrics(registry),
  };
}
