import { randomUUID } from 'node:crypto';
import type { Outcome, OverrideRate } from '../domain/decision/outcome.ts';
import type { Brake } from '../domain/playbook/brake.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { partsOf } from '../domain/playbook/target.ts';
import type { OutcomeLedger } from '../domain/ports/ledger.ts';
import type { Clock } from '../domain/ports/model.ts';
import { lowerBound } from '../learning/statistics.ts';

const DAY_MS = 24 * 3600 * 1000;

export interface GuardPorts {
  readonly ledger: Pick<OutcomeLedger, 'overrideRates' | 'pullBrake'>;
  readonly clock: Clock;
}

/**
 * Pulls a brake on each class that people override too often under one revision: when even the lower confidence bound
 * of the share passes the limit. Returns the brakes that were pulled now; those that are on stay on, and only a person
 * takes one off. What was judged before that person did counts no more.
 */
export async function guard(playbook: Playbook, { ledger, clock }: GuardPorts): Promise<readonly Brake[]> {
  const { windowDays, maxOverrideRate } = playbook.guardRails;
  if (maxOverrideRate >= 1) return [];
  const now = clock.now();
  const rates = await ledger.overrideRates(new Date(now.getTime() - windowDays * DAY_MS).toISOString());
  const pulled: Brake[] = [];
  for (const rate of byClass(rates, playbook)) {
    if (!isTooHigh(rate, playbook)) continue;
    const brake = brakeFor(rate, playbook, now);
    if (await ledger.pullBrake(brake)) pulled.push(brake);
  }
  return pulled;
}

/** Whether this may be the one too many. */
export function isOverride({ how, result }: Outcome): boolean {
  return how === 'written' && result === 'overridden';
}

/** Where a field holds several values, whoever changes the set overrides every value in it. */
function byClass(rates: readonly OverrideRate[], { targets }: Playbook): readonly OverrideRate[] {
  const single = rates.flatMap((rate) => {
    const target = targets.find(({ name }) => name === rate.target);
    return target ? partsOf(target, rate.value).map((value) => ({ ...rate, value })) : [];
  });
  const classes = Map.groupBy(single, ({ target, value, revision }) => JSON.stringify([target, value, revision]));
  return [...classes.values()].flatMap(([first, ...others]) => (first ? [others.reduce(sum, first)] : []));
}

function sum(one: OverrideRate, other: OverrideRate): OverrideRate {
  return { ...one, judged: one.judged + other.judged, overridden: one.overridden + other.overridden };
}

function isTooHigh({ judged, overridden }: OverrideRate, { guardRails }: Playbook): boolean {
  const { minOutcomes, maxOverrideRate, doubt } = guardRails;
  return judged >= minOutcomes && lowerBound(overridden, judged, doubt) > maxOverrideRate;
}

function brakeFor({ target, value, revision, judged, overridden }: OverrideRate, playbook: Playbook, now: Date): Brake {
  const { windowDays, maxOverrideRate } = playbook.guardRails;
  return {
    id: randomUUID(),
    target,
    value,
    kind: 'override-rate',
    why: `people replaced ${overridden} of ${judged} judged within ${windowDays} days (revision ${revision}); the playbook allows ${Math.round(maxOverrideRate * 100)} %`,
    pulledAt: now.toISOString(),
  };
}
