import type { Evaluation } from './evaluate.ts';
import type { Case } from './measure/cases.ts';
import { isRight } from './measure/metrics.ts';
import { paired } from './measure/summary.ts';
import type { Significance } from './result.ts';

/** Two ways to decide, judged on the same tickets. */
export interface Comparison {
  readonly target: string;
  readonly base: Side;
  readonly next: Side;
  /** Best guesses: tickets only the new way has right, and only the old way. */
  readonly guesses: Significance;
  /** Written values, at each way's own target precision: rightly written by one way only. */
  readonly written: Significance;
  /** The new way is significantly worse (p < 0.05) in one of them. */
  readonly isWorse: boolean;
}

export interface Side {
  readonly name: string;
  readonly accuracy: number;
  readonly coverage: number;
  readonly precision: number;
}

const SIGNIFICANT = 0.05;

/** Pairs two evaluations ticket by ticket. Throws when they did not judge the same tickets. */
export function compare(
  base: { readonly name: string; readonly evaluation: Evaluation },
  next: { readonly name: string; readonly evaluation: Evaluation },
): Comparison {
  const ours = next.evaluation.cases;
  const theirs = new Map(base.evaluation.cases.map((one) => [one.ticket.id, one]));
  const pairs = ours.map((one) => {
    const other = theirs.get(one.ticket.id);
    if (!other) throw new Error(`ticket ${one.ticket.key} was judged by one side only`);
    return [one, other] as const;
  });
  const guesses = paired(
    next.name,
    base.name,
    pairs.map(([one, other]) => [isRight(one), isRight(other)]),
  );
  const written = paired(
    next.name,
    base.name,
    pairs.map(([one, other]) => [isWellWritten(one), isWellWritten(other)]),
  );
  return {
    target: next.evaluation.result.target,
    base: sideOf(base),
    next: sideOf(next),
    guesses,
    written,
    isWorse: [guesses, written].some(({ gained, lost, p }) => lost > gained && p < SIGNIFICANT),
  };
}

function isWellWritten(one: Case): boolean {
  return one.isSure && isRight(one);
}

function sideOf({ name, evaluation: { cases } }: { readonly name: string; readonly evaluation: Evaluation }): Side {
  const native = cases.filter(({ isForeign }) => !isForeign);
  const sure = cases.filter(({ isSure }) => isSure);
  const ratio = (part: number, of: number) => (of === 0 ? 0 : part / of);
  return {
    name,
    accuracy: ratio(native.filter(isRight).length, native.length),
    coverage: ratio(native.filter(({ isSure }) => isSure).length, native.length),
    precision: ratio(sure.filter(isRight).length, sure.length),
  };
}
