import { MisconfiguredError } from '../../domain/errors.ts';
import { olderFirst, type PastTicket } from '../../domain/ticket/issue.ts';
import { type Comparison, compare } from '../../evaluation/compare.ts';
import { type Split, split } from '../../evaluation/dataset.ts';
import type { Evaluation, EvaluationTask } from '../../evaluation/evaluate.ts';
import { isUntreated, withTreated } from '../../evaluation/measure/treated.ts';
import { humanValue } from '../../feedback/propose/overrides.ts';
import type { Draft } from './draft.ts';

/** Before → after for one target on one kind of tickets. */
export interface Measured {
  readonly target: string;
  /** `own`: the corrected tickets that the change was made from, which prove nothing. */
  readonly on: 'others' | 'own';
  readonly tickets: number;
  readonly comparison: Comparison;
}

export interface Measurement {
  readonly measured: readonly Measured[];
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
}

export interface MeasureMeans {
  readonly history: readonly PastTicket[];
  readonly rung: 'local' | 'ladder';
  /** Tickets of each kind that a model is asked about. */
  readonly sample: number;
  readonly judge: (task: EvaluationTask) => Promise<Evaluation>;
}

/**
 * Decides on the same tickets by the playbook as it is and as it is proposed. Neither learns from a ticket that the
 * change was made from. With `local`, only targets with a new rule: nothing else speaks to the local classifier.
 */
export async function measure(draft: Draft, means: MeasureMeans): Promise<Measurement> {
  const measured: Measured[] = [];
  const notes: string[] = [];
  for (const target of targetsOf(draft, means.rung)) {
    try {
      measured.push(...(await measureOne(target, draft, means)));
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      notes.push(`${target} is not measured: ${error.faults.join('; ')}`);
    }
  }
  return { measured, notes };
}

function targetsOf({ kept }: Draft, rung: MeasureMeans['rung']): readonly string[] {
  const seen = kept.filter(({ kind }) => rung === 'ladder' || kind === 'rule');
  return [...new Set(seen.map(({ of }) => of.target.name))];
}

async function measureOne(target: string, draft: Draft, means: MeasureMeans): Promise<readonly Measured[]> {
  const cases = draft.kept.flatMap(({ of }) => (of.target.name === target ? [of] : []));
  const own = new Set(cases.flatMap(({ corrected }) => corrected.map(({ id }) => id)));
  const parts = partsFor(target, own, means);
  const rung = means.rung === 'ladder' ? ({ rung: 'ladder' } as const) : {};
  const task = { set: 'memory', target, split: parts, ...rung };
  const before = await means.judge({ ...task, playbook: draft.before });
  const after = await means.judge({ ...task, playbook: draft.after });
  return (['others', 'own'] as const).flatMap((on) => {
    const only = ({ result, cases: all }: Evaluation) => ({
      result,
      cases: all.filter(({ ticket }) => own.has(ticket.id) === (on === 'own')),
    });
    const [base, next] = [only(before), only(after)];
    if (base.cases.length === 0) return [];
    const comparison = compare({ name: 'before', evaluation: base }, { name: 'after', evaluation: next });
    return [{ target, on, tickets: base.cases.length, comparison }];
  });
}

/** As `triage evaluate` splits memory, later corrections judging too; the corrected tickets only judge. */
function partsFor(target: string, own: ReadonlySet<string>, { history, rung, sample }: MeasureMeans): Split {
  const others = history.filter(({ id }) => !own.has(id));
  const untreated = others.filter(isUntreated).map((ticket) => ({ ...ticket, part: null }));
  const treated = others.filter((ticket) => !isUntreated(ticket));
  const whole = split(untreated, { order: 'created', shares: [70, 10, 20] }, target);
  const parts = withTreated(whole, treated);
  const [first] = parts.test;
  const isLater = (ticket: PastTicket) => first !== undefined && olderFirst(first, ticket) < 0;
  const corrected = treated.filter((ticket) => isLater(ticket) && humanValue(ticket, target) !== null);
  const later = [...parts.test, ...corrected].sort(olderFirst);
  const newest = (tickets: readonly PastTicket[]) => (rung === 'ladder' ? tickets.slice(-sample) : tickets);
  const judging = history.filter(({ id }) => own.has(id));
  return { ...parts, calibration: newest(parts.calibration), test: [...newest(later), ...newest(judging)] };
}
