import { auroc, expectedCalibrationError, mcNemar } from '../../learning/statistics.ts';
import type { Method, Selective, Significance } from '../result.ts';
import { type Case, LEVELS } from './cases.ts';
import { accuracyOf, isRight, macroF1, mean, share } from './metrics.ts';

/** The service beside three baselines, on the same tickets; declared unknown ones are left out. */
export function methodsOf(cases: readonly Case[], majority: string | null): Method[] {
  const native = cases.filter(({ isForeign }) => !isForeign);
  const measure = (
    name: Method['name'],
    guess: (one: Case) => readonly (string | null)[],
    msOf: (one: Case) => number,
  ): Method => {
    const guesses = native.map((one) => ({ truth: one.truth, values: guess(one) }));
    const predictions = guesses.map(({ truth, values }) => ({ truth, value: values[0] ?? null }));
    const isAmong = ({ truth, values }: (typeof guesses)[number]) =>
      values.slice(0, 3).some((value) => value !== null && truth.includes(value));
    return {
      name,
      accuracy: accuracyOf(predictions),
      macroF1: macroF1(predictions),
      top3: mean(guesses.map((one) => (isAmong(one) ? 1 : 0))),
      ece: name === 'triage' ? expectedCalibrationError(confidencesOf(cases)) : null,
      msPerTicket: mean(native.map(msOf)),
    };
  };
  return [
    measure(
      'majority',
      () => [majority],
      () => 0,
    ),
    measure(
      'bm25-knn',
      ({ nearest }) => [nearest],
      ({ retrieveMs }) => retrieveMs,
    ),
    measure(
      'linear',
      ({ linear }) => linear,
      ({ linearMs }) => linearMs,
    ),
    measure(
      'triage',
      ({ value, top3 }) => [value, ...top3.filter((other) => other !== value)],
      ({ ms }) => ms,
    ),
  ];
}

/** Confidence and outcome of every ticket, unknown ones included. */
export function confidencesOf(cases: readonly Case[]) {
  return cases.map((one) => ({ confidence: one.confidence, isRight: isRight(one) }));
}

/** What acting at each level gives. */
export function selectiveOf(cases: readonly Case[]): Selective[] {
  return LEVELS.map((targetPrecision, level) => {
    const writtenIn = (one: Case) => one.written[level] ?? null;
    const acted = cases.filter((one) => writtenIn(one) !== null);
    const right = acted.filter((one) => isRight({ truth: one.truth, value: writtenIn(one) }));
    const native = cases.filter(({ isForeign }) => !isForeign);
    const unknown = cases.filter(({ isKnown }) => !isKnown);
    const actedOn = (group: readonly Case[]) =>
      share(group.filter((one) => writtenIn(one) !== null).length, group.length);
    return {
      targetPrecision,
      precision: share(right.length, acted.length),
      coverage: actedOn(native),
      n: acted.length,
      outOfScope: unknown.length === 0 ? null : actedOn(unknown),
    };
  });
}

/** How well the scope score tells tickets with a known value from those without; null when there are none without. */
export function inScopeAuroc(cases: readonly Case[]): number | null {
  const scopes = (isKnown: boolean) => cases.filter((one) => one.isKnown === isKnown).map(({ scope }) => scope);
  return cases.every(({ isKnown }) => isKnown) ? null : auroc(scopes(true), scopes(false));
}

/** The service against its baselines. */
export function significancesOf(cases: readonly Case[]): Significance[] {
  const native = cases.filter(({ isForeign }) => !isForeign);
  const against = (name: string, guessOf: (one: Case) => string | null | undefined) =>
    paired(
      'triage',
      name,
      native.map((one) => [isRight(one), isRight({ truth: one.truth, value: guessOf(one) ?? null })]),
    );
  return [against('bm25-knn', ({ nearest }) => nearest), against('linear', ({ linear }) => linear[0])];
}

/** Exact McNemar test over paired outcomes. */
export function paired(
  method: string,
  against: string,
  outcomes: readonly (readonly [boolean, boolean])[],
): Significance {
  const gained = outcomes.filter(([one, other]) => one && !other).length;
  const lost = outcomes.filter(([one, other]) => !one && other).length;
  return { method, against, gained, lost, p: mcNemar(gained, lost) };
}
