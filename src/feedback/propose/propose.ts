import type { Case } from './cases.ts';
import { type Change, type Ground, type Proposed, type Studied, surveyOf } from './change.ts';
import { candidateWords, describe } from './descriptions.ts';
import { exemplify } from './examples.ts';
import { candidatePhrases, ruleFor } from './rules.ts';
import { linesOf } from './text/words.ts';

/**
 * What corrections would change in `config/`: examples for the model, words in descriptions, and rules where a phrase
 * is as sure as the target promises. Pure; nothing is written, and what is proposed holds no private things.
 */
export function propose(cases: readonly Case[], ground: Ground): Proposed {
  const studied = cases.map((one) => study(one, ground));
  const proposed = [
    exemplify(studied, ground),
    ...studied.map((one) => describe(one, ground)),
    ...studied.map((one) => ruleFor(one, ground)),
  ];
  return {
    changes: once(proposed.flatMap(({ changes }) => changes)),
    notes: [...new Set(proposed.flatMap(({ notes }) => notes))],
  };
}

/** Two mistakes with the same right value may lead to the same rule. */
function once(changes: readonly Change[]): readonly Change[] {
  const seen = new Set<string>();
  return changes.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** One look through memory for each case: its words are cut once, whatever is made of them. */
function study(one: Case, ground: Ground): Studied {
  const { redact, min } = ground;
  const lines = one.tickets.map(({ summary, text }) => linesOf(`${redact(summary)}\n${redact(text)}`));
  const looked = { words: candidateWords(lines), phrases: candidatePhrases(lines, min) };
  return { case: one, lines, survey: surveyOf(one, ground, looked) };
}
