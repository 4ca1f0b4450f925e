import type { Playbook } from '../domain/playbook/playbook.ts';
import type { DecidedShape, Ledger } from '../domain/ports/ledger.ts';
import type { Clock } from '../domain/ports/model.ts';

const DAY_MS = 24 * 3600 * 1000;
/** Chance alone passes a limit about once in a thousand looks (one-sided normal quantile). */
const Z = 3.09;

export interface Drift {
  /** Null for what concerns the whole ticket. */
  readonly target: string | null;
  readonly signal: 'shift' | 'abstentions' | 'unknown-words';
  /** How far the last days differ from those before. */
  readonly value: number;
  /** From where on that is an alarm: what the playbook says, or more where few decisions let chance do as much. */
  readonly limit: number;
  readonly isAlarm: boolean;
}

type Limits = Playbook['drift'];

/** How the decisions of the last days differ from those of the days before them, by the playbook's `drift`. */
export async function lookForDrift(
  { drift, targets }: Playbook,
  { ledger, clock }: { readonly ledger: Pick<Ledger, 'decided'>; readonly clock: Clock },
): Promise<readonly Drift[]> {
  const now = clock.now().getTime();
  const daysAgo = (days: number) => new Date(now - days * DAY_MS).toISOString();
  const split = daysAgo(drift.recentDays);
  const recent = await ledger.decided(split, new Date(now).toISOString());
  const reference = await ledger.decided(daysAgo(drift.recentDays + drift.referenceDays), split);
  // Team and person follow from the rest and from the roster, which people change on purpose.
  const decided = targets.filter(({ mode, decidedBy }) => mode !== 'off' && decidedBy === 'evidence');
  const names = new Set(decided.map(({ name }) => name));
  return driftBetween(recent, reference, drift).filter(({ target }) => target === null || names.has(target));
}

/** Every signal that both times are long enough for, alarming or not. */
export function driftBetween(recent: DecidedShape, reference: DecidedShape, limits: Limits): readonly Drift[] {
  if (Math.min(recent.decisions, reference.decisions) < limits.minDecisions) return [];
  const common = Object.keys(recent.targets).filter((name) => Object.hasOwn(reference.targets, name));
  return [
    ...common.flatMap((target) => [
      ...shift(target, { recent, reference, limits }),
      ...abstentions(target, { recent, reference, limits }),
    ]),
    ...unknownWords({ recent, reference, limits }),
  ];
}

interface Times {
  readonly recent: DecidedShape;
  readonly reference: DecidedShape;
  readonly limits: Limits;
}

/**
 * Population stability index of the values, Σ (p − q) · ln(p / q) (Siddiqi, Credit Risk Scorecards, 2006, who calls 0.25 a
 * major shift), with half a decision added to each value so that none is 0. Without any shift it is about
 * (1/n + 1/m) · χ² with as many degrees of freedom as there are values less one (Yurdakul, Statistical Properties of
 * Population Stability Index, 2018): many values and few decisions pass 0.25 by chance, so the limit rises with that.
 */
function shift(target: string, { recent, reference, limits }: Times): Drift[] {
  const [now, before] = [valuesOf(recent, target), valuesOf(reference, target)];
  const values = [...new Set([...now.keys(), ...before.keys()])];
  const [n, m] = [sum(now.values()), sum(before.values())];
  if (Math.min(n, m) < limits.minDecisions) return [];
  const share = (counts: ReadonlyMap<string, number>, value: string, total: number) =>
    ((counts.get(value) ?? 0) + 0.5) / (total + 0.5 * values.length);
  const index = sum(
    values.map((value) => {
      const [p, q] = [share(now, value, n), share(before, value, m)];
      return (p - q) * Math.log(p / q);
    }),
  );
  const chance = (1 / n + 1 / m) * chiSquareLimit(values.length - 1);
  return [judged({ target, signal: 'shift', value: index, limit: Math.max(limits.maxShift, chance) })];
}

/** Difference of the shares that abstain; its limit rises with what two samples of this size differ by chance. */
function abstentions(target: string, { recent, reference, limits }: Times): Drift[] {
  const none = { decisions: 0, abstained: 0 };
  const { decisions: n, abstained: now } = recent.targets[target] ?? none;
  const { decisions: m, abstained: before } = reference.targets[target] ?? none;
  if (Math.min(n, m) < limits.minDecisions) return [];
  const pooled = (now + before) / (n + m);
  const chance = Z * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  const value = Math.abs(now / n - before / m);
  return [judged({ target, signal: 'abstentions', value, limit: Math.max(limits.maxDifference, chance) })];
}

function unknownWords({ recent, reference, limits }: Times): Drift[] {
  if (recent.unknownWords === null || reference.unknownWords === null) return [];
  const value = Math.abs(recent.unknownWords - reference.unknownWords);
  return [judged({ target: null, signal: 'unknown-words', value, limit: limits.maxDifference })];
}

function judged(drift: Omit<Drift, 'isAlarm'>): Drift {
  return { ...drift, isAlarm: drift.value > drift.limit };
}

/** What χ² passes about once in a thousand times, by Wilson and Hilferty (1931); 0 where there is one value only. */
function chiSquareLimit(degrees: number): number {
  if (degrees < 1) return 0;
  const spread = 2 / (9 * degrees);
  return degrees * (1 - spread + Z * Math.sqrt(spread)) ** 3;
}

function valuesOf({ targets }: DecidedShape, target: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(targets[target]?.values ?? {}));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
