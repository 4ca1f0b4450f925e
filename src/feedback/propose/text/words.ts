import { CJK, cleanText } from '../../../domain/ticket/text.ts';

/** A word as it is compared, and as somebody wrote it. */
export interface Word {
  readonly key: string;
  readonly written: string;
}

/** What a ticket is about stands in its first words; pasted logs follow. */
const MAX_WORDS = 300;
const MAX_LENGTH = 30;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
const RUNS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]+|[^\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]+/gu;
const PLACEHOLDER = /\[[A-Z0-9_]{1,60}_\d{1,4}\]/g;

/** Three digits or more: a number, a version, somebody's badge. */
const CODE = /[\p{Lu}\p{Ll}\p{M}]{0,40}(?:\p{N}[\p{Lu}\p{Ll}\p{M}]{0,40}){3,40}/gu;

const CLAUSE_END = /[.!?;:,](?![\p{Lu}\p{Ll}\p{N}])|[。、]/gu;

/** Scripts without spaces are cut by ICU's dictionary: its words can be read by people, which pairs of characters cannot. */
const DICTIONARY = new Intl.Segmenter('zh', { granularity: 'word' });

/**
 * The first words of a text, clause by clause. A placeholder ends a clause, and so does a number or code: they are
 * nobody's words.
 */
export function linesOf(text: string): readonly (readonly Word[])[] {
  let left = MAX_WORDS;
  return cleanText(text)
    .replace(PLACEHOLDER, '\n')
    .replace(CODE, '\n')
    .replace(CLAUSE_END, '\n')
    .split('\n')
    .flatMap((line) => {
      const words = left > 0 ? wordsIn(line, left) : [];
      left -= words.length;
      return words.length > 0 ? [words] : [];
    });
}

function wordsIn(line: string, limit: number): Word[] {
  const words: Word[] = [];
  for (const [found] of line.matchAll(WORD)) {
    for (const [run] of found.matchAll(RUNS)) {
      const parts = CJK.test(run) ? Array.from(DICTIONARY.segment(run), ({ segment }) => segment) : [run];
      words.push(...parts.map((written) => ({ key: written.toLowerCase(), written })));
    }
    if (words.length >= limit) break;
  }
  return words.slice(0, limit);
}

/** Whether a word by itself can say what a ticket is about, and is no scrap. */
export function saysSomething(key: string): boolean {
  const letters = key.match(/\p{L}/gu)?.length ?? 0;
  return key.length <= MAX_LENGTH && letters >= (CJK.test(key) ? 1 : 3);
}

/** How most people write each word. */
export function spellingsOf(texts: readonly (readonly (readonly Word[])[])[]): ReadonlyMap<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { key, written } of texts.flat(2)) {
    const ways = counts.get(key) ?? new Map<string, number>();
    ways.set(written, (ways.get(written) ?? 0) + 1);
    counts.set(key, ways);
  }
  return new Map(
    [...counts].map(([key, ways]) => [key, [...ways].sort(([, one], [, other]) => other - one)[0]?.[0] ?? key]),
  );
}
