import { auroc, expectedCalibrationError, mcNemar } from '../../learning/statistics.ts';
import type { Method, Selective, Significance } from '../result.ts';
import { type Case, LEVELS, type RungAnswers } from './cases.ts';
import { accuracyOf, isRight, macroF1, mean, share } from './metrics.ts';

/** The service beside its baselines and its rungs, on the same tickets; declared unknown ones are left out. */
export function methodsOf(cases: readonly Case[], majority: string | null): Method[] {
  const native = cases.filter(({ isForeign }) => !isForeign);
  const measure: Measure = (name, guess, msOf) => {
    const predictions = native.map((one) => ({ truth: one.truth, values: guess(one).values }));
    const isAmong = (one: Case) => guess(one).top3.some((value) => one.truth.includes(value));
    return {
      name,
      accuracy: accuracyOf(predictions),
      macroF1: macroF1(predictions),
      top3: mean(native.map((one) => (isAmong(one) ? 1 : 0))),
      ece: null,
      msPerTicket: mean(native.map(msOf)),
    };
  };
  return [
    measure(
      'majority',
      () => firstOf(majority === null ? [] : [majority]),
      () => 0,
    ),
    measure(
      'bm25-knn',
      ({ nearest }) => firstOf(nearest),
      ({ retrieveMs }) => retrieveMs,
    ),
    measure(
      'linear',
      ({ linear }) => firstOf(linear),
      ({ linearMs }) => linearMs,
    ),
    ...(cases.some(({ rungs }) => rungs) ? rungMethods(cases, measure) : []),
    {
      ...measure('triage', withBest, ({ ms }) => ms),
      ece: expectedCalibrationError(confidencesOf(cases)),
    },
  ];
}

type Measure = (name: Method['name'], guess: (one: Case) => Guess, msOf: (one: Case) => number) => Method;

/** The local classifier and the model, each by itself. */
function rungMethods(cases: readonly Case[], measure: Measure): Method[] {
  const waits = cases.flatMap(({ rungs }) => rungs?.modelMs ?? []);
  const sayings = cases.flatMap(({ truth, rungs }) => (rungs ? [{ truth, ...rungs.local }] : []));
  const outcomes = sayings.map((one) => ({ confidence: one.confidence, isRight: isRight(one) }));
  return [
    {
      ...measure(
        'local',
        ({ rungs }) => withBest(rungs?.local ?? NOTHING),
        ({ ms }) => ms,
      ),
      ece: expectedCalibrationError(outcomes),
    },
    {
      ...measure(
        'model',
        ({ rungs }) => withBest(rungs?.model ?? NOTHING),
        () => 0,
      ),
      msPerTicket: waits.length === 0 ? Number.NaN : mean(waits),
    },
  ];
}

const NOTHING: Guess = { values: [], top3: [] };

function withBest({ values, top3 }: Guess): Guess {
  return { values, top3: [...new Set([...values, ...top3])].slice(0, 3) };
}

/** What a method would answer, and its best three. */
interface Guess {
  readonly values: readonly string[];
  readonly top3: readonly string[];
}

function firstOf(ranked: readonly string[]): Guess {
  return { values: ranked.slice(0, 1), top3: ranked.slice(0, 3) };
}

/** Confidence and outcome of every ticket, unknown ones included. */
export function confidencesOf(cases: readonly Case[]) {
  return cases.map((one) => ({ confidence: one.confidence, isRight: isRight(one) }));
}

/** What acting at each level gives. */
export function selectiveOf(cases: readonly Case[]): Selective[] {
  return LEVELS.map((targetPrecision, level) => {
    const writtenIn = (one: Case) => one.written[level] ?? [];
    const acted = cases.filter((one) => writtenIn(one).length > 0);
    const right = acted.filter((one) => isRight({ truth: one.truth, values: writtenIn(one) }));
    const native = cases.filter(({ isForeign }) => !isForeign);
    const unknown = cases.filter(({ isKnown }) => !isKnown);
    const actedOn = (group: readonly Case[]) =>
      share(group.filter((one) => writtenIn(one).length > 0).length, group.length);
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
  const against = (name: string, rankedBy: (one: Case) => readonly string[]) =>
    paired(
      'triage',
      name,
      native.map((one) => [isRight(one), isRight({ truth: one.truth, values: rankedBy(one).slice(0, 1) })]),
    );
  const rungs = cases.some((one) => one.rungs)
    ? [pairedWith('local', native, ({ local }) => local), pairedWith('model', native, ({ model }) => model)]
    : [];
  return [against('bm25-knn', ({ nearest }) => nearest), against('linear', ({ linear }) => linear), ...rungs];
}

/** The service with all its rungs against one rung alone. */
export function pairedWith(
  name: 'local' | 'model',
  cases: readonly Case[],
  guess: (rungs: RungAnswers) => Guess,
): Significance {
  const valuesOf = ({ rungs }: Case) => (rungs ? guess(rungs).values : []);
  return paired(
    'triage',
    name,
    cases.map((one) => [isRight(one), isRight({ truth: one.truth, values: valuesOf(one) })]),
  );
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
