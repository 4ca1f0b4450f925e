import { holdsSeveral, type Target } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { lowerBound } from '../../learning/statistics.ts';
import { contradicts, type Ground, keysOf, type Proposed, type Studied, titleOf, wholeTextOf } from './change.ts';
import { independent } from './independent.ts';
import { humanValue } from './overrides.ts';
import { withItem } from './text/edit.ts';
import { patternOf, phraseOf } from './text/pattern.ts';
import { common, type Lines, phrasesIn } from './text/survey.ts';
import { sumOf } from './text/telling.ts';

/** A rule wins over everything else, so it is held to this even where a target promises less. */
const LEAST_PRECISION = 0.7;
/** Share of the tickets of other values that an ordinary word is in. */
const ORDINARY = 0.1;
/** Phrases that are tried on every text, the most frequent ones. */
const TRIED = 10;

/** Phrases of as many of a case's tickets as a rule takes. */
export function candidatePhrases(lines: readonly Lines[], min: number): ReadonlySet<string> {
  return common(
    lines.map((one) => phrasesIn(one).keys()),
    min,
  );
}

/** A rule for a phrase that nearly nobody uses for anything else; none where no phrase keeps the target's promise. */
export function ruleFor(studied: Studied, ground: Ground): Proposed {
  const { target, theirs, tickets } = studied.case;
  if (holdsSeveral(target)) return { changes: [], notes: [] };
  const found = bestPhrase(studied, ground);
  if (!found) return { changes: [], notes: [] };
  const { pattern, words, right, of } = found;
  const matching = tickets.filter((ticket) => matches(pattern, ticket));
  const corrections = `${matching.length} corrections`;
  const rule = {
    name: `${titleOf(studied.case)} (${corrections})`,
    when: { textMatches: pattern },
    // biome-ignore lint/suspicious/noThenProperty: as playbook.yaml says it
    then: { [target.name]: theirs },
  };
  return {
    changes: [
      {
        id: JSON.stringify([rule.when, rule.then]),
        kind: 'rule',
        of: studied.case,
        file: 'playbook.yaml',
        what: `“${phraseOf(words)}” → ${theirs}: in ${corrections}; right on ${right} of ${of} past tickets with it`,
        keys: keysOf(matching),
        apply: (source) => withItem(source, ['rules'], rule),
      },
    ],
    notes: [],
  };
}

interface Phrase {
  readonly pattern: string;
  readonly words: readonly string[];
  /** Tickets with it that people gave the value, copies counted once; and all that have it and any value. */
  readonly right: number;
  readonly of: number;
}

/** The one in most corrections; the longest of those. */
function bestPhrase(studied: Studied, ground: Ground): Phrase | null {
  const { target, theirs, tickets } = studied.case;
  for (const words of worthTrying(studied, ground)) {
    const pattern = patternOf(words);
    if (tickets.filter((ticket) => matches(pattern, ticket)).length < ground.min) continue;
    const met = ground.history.filter((ticket) => matches(pattern, ticket));
    const right = independent(
      met.filter((ticket) => humanValue(ticket, target.name) === theirs),
      [],
    ).length;
    const of = right + met.filter((ticket) => contradicts(ticket, studied.case)).length;
    if (keepsPromise({ right, of }, studied, ground)) return { pattern, words, right, of };
  }
  return null;
}

/** Phrases that may keep the promise as far as the first words of each ticket tell. */
function worthTrying(studied: Studied, ground: Ground): readonly (readonly string[])[] {
  const { phrases, tickets } = studied.survey;
  const isOrdinary = ordinaryWords(studied);
  const byTicket = studied.lines.map(phrasesIn);
  const corrected = (phrase: string) => byTicket.filter((own) => own.has(phrase)).length;
  return [...candidatePhrases(studied.lines, ground.min)]
    .filter((phrase) => {
      const right = phrases.get(phrase)?.get(studied.case.theirs) ?? 0;
      return keepsPromise({ right, of: tickets.get(phrase) ?? 0 }, studied, ground);
    })
    .map((phrase) => ({ phrase, words: phrase.split(' '), corrections: corrected(phrase) }))
    .filter(({ words }) => !isOrdinary(words.at(0)) && !isOrdinary(words.at(-1)))
    .sort(
      (one, other) =>
        other.corrections - one.corrections ||
        other.words.length - one.words.length ||
        (one.phrase < other.phrase ? -1 : 1),
    )
    .slice(0, TRIED)
    .map(({ words }) => words);
}

/** Words as "the" and "bitte", which many tickets of other values hold: no phrase begins or ends with one. */
function ordinaryWords({ survey, case: { theirs } }: Studied): (word: string | undefined) => boolean {
  const others = sumOf([...survey.words].flatMap(([value, tally]) => (value === theirs ? [] : [tally])));
  return (word = '') => (others.holders.get(word) ?? 0) > ORDINARY * others.tickets;
}

function keepsPromise(
  { right, of }: Pick<Phrase, 'right' | 'of'>,
  { case: { target, theirs } }: Studied,
  { playbook }: Ground,
): boolean {
  if (of === 0) return false;
  const promised = Math.max(LEAST_PRECISION, precisionFor(target, theirs));
  return lowerBound(right, of, playbook.classify.doubt) >= promised;
}

function precisionFor({ classes, targetPrecision }: Target, value: string): number {
  return (Object.hasOwn(classes, value) ? classes[value]?.targetPrecision : undefined) ?? targetPrecision;
}

function matches(pattern: string, ticket: PastTicket): boolean {
  return new RegExp(pattern, 'iu').test(wholeTextOf(ticket));
}
