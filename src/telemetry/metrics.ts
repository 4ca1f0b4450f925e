import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

/** Every metric there is. Labels take few values: never an issue key, a person or a class. */
export function createMetrics() {
  const registry = new Registry();
  return {
    registry,
    ...intakeMetrics(registry),
    ...workMetrics(registry),
    ...feedbackMetrics(registry),
    ...modelMetrics(registry),
    ...playbookMetrics(registry),
    ...stateMetrics(registry),
  };
}

function intakeMetrics(registry: Registry) {
  const registers = [registry];
  return {
    deliveries: new Counter({
      name: 'triage_deliveries_total',
      help: 'Deliveries by door and by what the inbox said',
      labelNames: ['door', 'result'],
      registers,
    }),
    rejected: new Counter({
      name: 'triage_rejected_total',
      help: 'Requests turned away before they were recorded',
      labelNames: ['door', 'why'],
      registers,
    }),
    intakeSeconds: new Histogram({
      name: 'triage_intake_seconds',
      help: 'From verified body to 202',
      buckets: BUCKETS,
      registers,
    }),
  };
}

function workMetrics(registry: Registry) {
  const registers = [registry];
  return {
    jobs: new Counter({
      name: 'triage_jobs_total',
      help: 'Jobs by queue and result',
      labelNames: ['queue', 'result'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'triage_job_seconds',
      help: 'Run time of one job',
      labelNames: ['queue'],
      buckets: BUCKETS,
      registers,
    }),
    verdicts: new Counter({
      name: 'triage_verdicts_total',
      help: 'Verdicts by target and result',
      labelNames: ['target', 'result'],
      registers,
    }),
    bursts: new Counter({ name: 'triage_bursts_total', help: 'Bursts of similar tickets that were opened', registers }),
    writes: new Counter({
      name: 'triage_writes_total',
      help: 'Write-backs by state',
      labelNames: ['state'],
      registers,
    }),
    jiraSeconds: new Histogram({
      name: 'triage_jira_request_seconds',
      help: 'Requests to Jira',
      labelNames: ['method', 'status'],
      buckets: BUCKETS,
      registers,
    }),
  };
}

function feedbackMetrics(registry: Registry) {
  const registers = [registry];
  return {
    outcomes: new Counter({
      name: 'triage_outcomes_total',
      help: 'What people made of values, by target and result; a ticket that changes again counts again',
      labelNames: ['target', 'result'],
      registers,
    }),
    brakesPulled: new Counter({
      name: 'triage_brakes_pulled_total',
      help: 'Classes and targets that switched themselves to a more careful mode',
      labelNames: ['kind'],
      registers,
    }),
    brakes: new Gauge({
      name: 'triage_brakes',
      help: 'Classes and targets that wait for a person to release them',
      registers,
    }),
  };
}

function modelMetrics(registry: Registry) {
  const registers = [registry];
  return {
    modelCalls: new Histogram({
      name: 'triage_model_seconds',
      help: 'Questions to language models, from asking to the reply or to giving up',
      labelNames: ['endpoint', 'result'],
      buckets: [...BUCKETS, 20, 30, 60],
      registers,
    }),
    modelTokens: new Counter({
      name: 'triage_model_tokens_total',
      help: 'Tokens sent to and got from language models',
      labelNames: ['direction'],
      registers,
    }),
    modelMoney: new Counter({
      name: 'triage_model_money_total',
      help: 'What language models cost, in the currency of the playbook',
      registers,
    }),
    degraded: new Counter({
      name: 'triage_degraded_total',
      help: 'Decisions made on a lower rung, or with less evidence, than the playbook asks for',
      registers,
    }),
  };
}

function playbookMetrics(registry: Registry) {
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
    playbookReloads: new Counter({
      name: 'triage_playbook_reloads_total',
      help: 'Changes of config/ that were taken or refused',
      labelNames: ['result'],
      registers,
    }),
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
  };
}

function stateMetrics(registry: Registry) {
  const registers = [registry];
  return {
    jiraRemaining: new Gauge({
      name: 'triage_jira_rate_limit_remaining',
      help: 'Budget Jira last reported',
      registers,
    }),
    classifierTickets: new Gauge({
      name: 'triage_classifier_tickets',
      help: 'Past tickets the local classifier in use has learnt from, 0 without one',
      registers,
    }),
    memorySize: new Gauge({ name: 'triage_memory_tickets', help: 'Past tickets in memory', registers }),
    queueDepth: new Gauge({
      name: 'triage_queue_jobs',
      help: 'Jobs by queue and state',
      labelNames: ['queue', 'state'],
      registers,
    }),
    open: new Gauge({ name: 'triage_deliveries_open', help: 'Deliveries accepted and not yet ended', registers }),
  };
}
