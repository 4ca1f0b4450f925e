import { CJK } from '../../../domain/ticket/text.ts';

/** Of scripts with capitals: others, as Chinese, go on without a space after a foreign word. */
const LETTER = '[\\p{Lu}\\p{Ll}\\p{N}]';

/**
 * A regular expression, for flags `iu`, that finds these words one after the other with nothing but spaces and
 * punctuation between them. Words hold letters, marks and digits only, so nothing in them has to be escaped.
 */
export function patternOf(words: readonly string[]): string {
  const before = isCjk(words[0]?.at(0)) ? '' : `(?<!${LETTER})`;
  const after = isCjk(words.at(-1)?.at(-1)) ? '' : `(?!${LETTER})`;
  return before + joined(words, { both: '\\s*', one: '[\\s\\p{P}]*', none: '[\\s\\p{P}]+' }) + after;
}

/** The words as people write them one after the other. */
export function phraseOf(words: readonly string[]): string {
  return joined(words, { both: '', one: ' ', none: ' ' });
}

/** What stands between two words: where both, one or none of them is of a script without spaces. */
type Gaps = Readonly<Record<'both' | 'one' | 'none', string>>;

function joined(words: readonly string[], gaps: Gaps): string {
  return words.reduce((all, word) => {
    const [left, right] = [isCjk(all.at(-1)), isCjk(word.at(0))];
    return all + gaps[left && right ? 'both' : left || right ? 'one' : 'none'] + word;
  });
}

function isCjk(character: string | undefined): boolean {
  return CJK.test(character ?? '');
}
