import type { ClassResult, Confusion, EvaluationResult } from '../result.ts';
import type { Case } from './cases.ts';
import { classScores, isRight, share } from './metrics.ts';

const MAX_CONFUSIONS = 3;
const MAX_EXAMPLES = 3;
const MAX_SHOWN = 20;
const OTHER = '(other)';

/** Every class of truth or history, most frequent first. */
export function classResults(cases: readonly Case[], history: ReadonlyMap<string, number>): ClassResult[] {
  const values = new Set([...history.keys(), ...cases.flatMap(({ truth }) => truth)]);
  return [...values]
    .map((value) => classResult(value, cases, history.get(value) ?? 0))
    .sort((one, other) => other.history - one.history || other.test - one.test || (one.value < other.value ? -1 : 1));
}

function classResult(value: string, cases: readonly Case[], history: number): ClassResult {
  const predicted = cases.filter((one) => one.values.includes(value));
  const sure = predicted.filter(({ isSure }) => isSure);
  return {
    value,
    history,
    ...classScores(value, cases),
    coverage: share(sure.length, predicted.length),
    precisionWhenSure: share(sure.filter(isRight).length, sure.length),
    worst: worstOf(cases.filter((one) => one.truth.includes(value) && !isRight(one))),
  };
}

/** What the class's tickets were taken for instead, most often first. Tickets with a security level are counted, never quoted. */
function worstOf(missed: readonly Case[]): Confusion[] {
  return [...Map.groupBy(missed, ({ values }) => values[0] ?? '')]
    .filter(([as]) => as !== '')
    .map(([as, group]) => ({
      as,
      n: group.length,
      examples: group
        .filter(({ ticket }) => ticket.securityLevel === null)
        .slice(0, MAX_EXAMPLES)
        .map(({ ticket }) => ({ id: ticket.key, title: ticket.summary.slice(0, 120) })),
    }))
    .sort((one, other) => other.n - one.n || (one.as < other.as ? -1 : 1))
    .slice(0, MAX_CONFUSIONS);
}

/** The most frequent classes of the test against each other; everything else is one class. */
export function confusionOf(cases: readonly Case[]): EvaluationResult['confusion'] {
  const counts = new Map<string, number>();
  for (const { truth } of cases) for (const value of truth) counts.set(value, (counts.get(value) ?? 0) + 1);
  const frequent = [...counts]
    .sort(([one, ones], [other, others]) => others - ones || (one < other ? -1 : 1))
    .slice(0, MAX_SHOWN)
    .map(([value]) => value);
  const place = new Map(frequent.map((value, index) => [value, index]));
  const placeOf = (value: string | null) => place.get(value ?? '') ?? frequent.length;
  const table = Array.from({ length: frequent.length + 1 }, () => new Array<number>(frequent.length + 1).fill(0));
  for (const { truth, values } of cases) {
    for (const actual of truth) {
      const row = table[placeOf(actual)] ?? [];
      const column = placeOf(values.includes(actual) ? actual : (values[0] ?? null));
      row[column] = (row[column] ?? 0) + 1;
    }
  }
  return { classes: [...frequent, OTHER], counts: table };
}
