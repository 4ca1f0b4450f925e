import { CJK } from '../../../domain/text.ts';

/**
 * A regular expression, for flags `iu`, that finds these words one after the other with nothing but spaces and
 * punctuation between them. Words hold letters, marks and digits only, so nothing in them has to be escaped.
 */
export function patternOf(words: readonly string[]): string {
  return (
    words.reduce(
      (pattern, word, index) =>
        pattern + (index === 0 ? edge('<', word) : between(words[index - 1] ?? '', word)) + word,
      '',
    ) + edge('', words.at(-1) ?? '')
  );
}

/** No part of a longer word; scripts without spaces have no such edge. */
function edge(side: '<' | '', word: string): string {
  const character = side === '<' ? [...word][0] : [...word].at(-1);
  return CJK.test(character ?? '') ? '' : `(?${side}!${LETTER})`;
}

function between(one: string, other: string): string {
  const isApart = !CJK.test([...one].at(-1) ?? '') && !CJK.test([...other][0] ?? '');
  return isApart ? '[\\s\\p{P}]+' : '[\\s\\p{P}]*';
}

const LETTER = '[\\p{L}\\p{N}]';
