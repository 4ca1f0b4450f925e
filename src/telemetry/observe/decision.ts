import type { Decision } from '../../domain/decision/decision.ts';
import {
  MisconfiguredError,
  PermanentError,
  RateLimitedError,
  RejectedError,
  TransientError,
} from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Metrics } from '../metrics.ts';

/** Counts what was decided, by which rung, and what asking for it cost. */
export function observeDecision(metrics: Metrics, decision: Decision, { targets }: Playbook): void {
  const modes = new Map(targets.map(({ name, mode }) => [name, mode]));
  for (const [target, verdict] of Object.entries(decision.verdicts)) {
    const isValue = verdict.kind === 'value';
    const labels = { target, rung: verdict.rung, mode: modes.get(target) ?? 'off' };
    metrics.decisions.inc({ ...labels, outcome: isValue ? 'value' : 'abstained' });
    metrics.verdicts.inc({ target, result: isValue ? 'value' : verdict.reason });
  }
  if (decision.degraded) metrics.degraded.inc();
  if (!decision.asked) return;
  metrics.modelTokens.inc({ direction: 'in' }, decision.asked.tokens.input);
  metrics.modelTokens.inc({ direction: 'out' }, decision.asked.tokens.output);
  metrics.modelMoney.inc(decision.asked.money);
}

/** Seconds from an ISO time until now; not below 0, for Jira's clock is another one. */
export function secondsSince(time: string): number {
  return Math.max(0, (Date.now() - Date.parse(time)) / 1000);
}

const NAMED = [TransientError, RateLimitedError, PermanentError, MisconfiguredError, RejectedError];

/** Starts the counters of a queue at 0 for every way in which an attempt can end. */
export function countFromZero({ jobs }: Pick<Metrics, 'jobs'>, queue: string): void {
  for (const result of ['done', 'TransientError', 'RateLimitedError', 'PermanentError', 'Error'])
    jobs.inc({ queue, result }, 0);
}

/** How an attempt ended, as one of few words: ours, else `Error`, for the names of foreign errors are without number. */
export function resultOf(error: unknown): string {
  return error instanceof Error && NAMED.some((one) => error instanceof one) ? error.name : 'Error';
}
