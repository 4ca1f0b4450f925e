/** What is invisible to people, or turns text around, must be invisible to everything that decides. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFEFF]/gu;

/** Longest text looked at, in UTF-16 units: a pasted 2 MB log decides nothing its first pages do not. */
const MAX_LENGTH = 20_000;

/** Longest run of letters taken as one word; longer runs are base64, hashes or hostile. */
const MAX_WORD = 40;

/** Control characters but tab and line ends; a database refuses NUL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/** Halves of surrogate pairs, as cutting a text may leave them. */
const HALVES = /\p{Cs}/gu;

/** Without what people do not see. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** Plain text as every part of the system sees it: NFKC, no invisible or broken characters, bounded length. */
export function cleanText(raw: string): string {
  return raw
    .slice(0, MAX_LENGTH * 2)
    .replace(INVISIBLE, '')
    .replace(CONTROL, '')
    .replace(HALVES, '')
    .normalize('NFKC')
    .slice(0, MAX_LENGTH)
    .replace(HALVES, '');
}

const WORD = /[\p{L}\p{N}]+/gu;
/** A character of a script written without spaces. */
export const CJK = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/u;
const CJK_RUNS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]+|[^\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]+/gu;

/**
 * Search terms of a text: lower-case Unicode words; scripts written without spaces become single characters and
 * overlapping pairs (the usual choice where no dictionary is at hand).
 */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const word of cleanText(text).toLowerCase().match(WORD) ?? []) {
    if (!CJK.test(word)) {
      if (word.length <= MAX_WORD) terms.push(word);
      continue;
    }
    for (const [run] of word.matchAll(CJK_RUNS)) terms.push(...(CJK.test(run) ? pairsOf(run) : [run]));
  }
  return terms;
}

function pairsOf(run: string): string[] {
  const characters = [...run];
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  return [...characters, ...pairs];
}

/** 32-bit FNV-1a over UTF-16 code units (Fowler, Noll, Vo; RFC draft eastlake-fnv). */
export function hashOf(term: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < term.length; index++) {
    hash = Math.imul(hash ^ term.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** The order of UTF-16 code units: the same on every machine, whatever its language. */
export function byCode(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
