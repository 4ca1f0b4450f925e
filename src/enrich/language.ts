/** The part of `eld` used here. */
export interface Detector {
  detect(text: string): { readonly language: string; getScores(): Readonly<Record<string, number>> };
}

/** A ticket's language shows in its first lines; the rest may be logs. */
const MAX_LENGTH = 4_000;
const MAX_WORD = 30;

/** With fewer letters nothing is said. */
const MIN_LETTERS = 12;
/** Letters of words that no language knows score lower; words of the right one 0.7 and more. */
const MIN_SCORE = 0.58;
const ENOUGH_LETTERS = 100;
/** How far the best has to lead the runner-up; chance makes short texts look like anything. */
const LEADS = [
  { below: 24, lead: 0.07 },
  { below: 40, lead: 0.04 },
  { below: Number.POSITIVE_INFINITY, lead: 0.01 },
] as const;

/** ISO 639-1 code of the language a ticket is written in; undefined when that is not sure. */
export function languageOf(text: string, detector: Detector): string | undefined {
  const prose = proseIn(text.slice(0, MAX_LENGTH));
  const eastAsian = eastAsianIn(prose);
  if (eastAsian !== undefined) return eastAsian;

  const words = prose.replace(EAST_ASIAN, ' ');
  const letters = count(words, /\p{L}/gu);
  if (letters < MIN_LETTERS) return undefined;
  const { language, getScores } = detector.detect(words);
  const [best = 0, next = 0] = Object.values(getScores()).toSorted((one, other) => other - one);
  const needed = LEADS.find(({ below }) => letters < below)?.lead ?? 0;
  const isSure = best - next >= needed && (best >= MIN_SCORE || letters >= ENOUGH_LETTERS);
  return isSure && language !== '' ? language : undefined;
}

/** Addresses, paths, codes, camel case and abbreviations are the same in every language, and look English. */
const CODE = /[\d@\\/_<>{}=|]|\p{Ll}\p{Lu}|^\p{Lu}{1,4}\P{L}?$/u;

/** Names and loan words that stand in tickets of every language. */
const PRODUCT =
  /^(?:windows|server|microsoft|office|outlook|teams|excel|word|sharepoint|onedrive|chrome|firefox|citrix|adobe|acrobat|intune|authenticator|thinkpad|latitude|elitebook|laserjet|ecosys|surface|macbook|iphone|android|lenovo|jabra|login|hello|pro|update|password)\P{L}?$/iu;

/** Every word once: a title repeated in the text tells nothing new. */
function proseIn(text: string): string {
  const words = new Set(text.split(/\s+/));
  return [...words].filter((word) => EAST_ASIAN_LETTER.test(word) || isProse(word)).join(' ');
}

function isProse(word: string): boolean {
  return word.length <= MAX_WORD && !CODE.test(word) && !PRODUCT.test(word);
}

const HAN = /\p{sc=Han}/gu;
const KANA = /[\p{sc=Hiragana}\p{sc=Katakana}]/gu;
const HANGUL = /\p{sc=Hangul}/gu;
const EAST_ASIAN = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]+/gu;
const EAST_ASIAN_LETTER = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;

/** Fewer may be a name in a text of another language. */
const MIN_EAST_ASIAN = 2;
/** Product names and messages in Latin letters fill Chinese tickets; a character weighs as much as so many letters. */
const LETTERS_PER_CHARACTER = 5;
/** Chinese has no kana; of Japanese, this share at least. */
const MIN_KANA = 0.1;

/** The scripts tell these languages apart more surely than a detector made for words. */
function eastAsianIn(text: string): 'zh' | 'ja' | 'ko' | undefined {
  const han = count(text, HAN);
  const kana = count(text, KANA);
  const hangul = count(text, HANGUL);
  const all = han + kana + hangul;
  const others = count(text, /\p{L}/gu) - all;
  if (all < MIN_EAST_ASIAN || all * LETTERS_PER_CHARACTER < others) return undefined;
  if (hangul * 2 > all) return 'ko';
  return kana >= MIN_KANA * all ? 'ja' : 'zh';
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
