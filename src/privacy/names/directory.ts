import { CJK, WORDY } from '../span.ts';
import { calendarWords, canonical, everydayWords, particles, technicalWords, titles } from './ordinary.ts';

/** How surely a word is somebody's name: `calendar` needs Frau before it, `everyday` at least a capital letter. */
export type Sureness = 'sure' | 'everyday' | 'calendar';

/** One way to write somebody, as canonical words; `gap` is what must stand between them. */
export interface Writing {
  readonly words: readonly string[];
  readonly gap: 'any' | 'mark';
  readonly sureness: Sureness;
  readonly person: string;
}

/** The people of one ticket, by the first word of every way to write them; longest first. */
export interface Directory {
  readonly spaced: ReadonlyMap<string, readonly Writing[]>;
  /** Names in scripts without spaces, longest first. */
  readonly unspaced: readonly { readonly name: string; readonly person: string }[];
}

const MIN_ALONE = 3;
const MIN_LOGIN = 4;
const MIN_UNSPACED = 2;
const MAX_WORDS = 6;

/** `givenNames`: also looks for the last two characters of three, as colleagues say them. */
export function directoryOf(people: readonly string[], { givenNames }: { readonly givenNames: boolean }): Directory {
  const spaced = new Map<string, Writing[]>();
  const unspaced = new Map<string, string>();
  const named = people.flatMap((displayed) =>
    namesIn(displayed).map((name) => [name, displayed.toLowerCase()] as const),
  );
  for (const [name, person] of named) {
    if (!IS_CJK.test(name)) for (const writing of writingsOf(name, person)) add(spaced, writing);
    else for (const way of unspacedWays(name, givenNames)) unspaced.set(way, unspaced.get(way) ?? person);
  }
  for (const known of spaced.values()) known.sort((one, other) => other.words.length - one.words.length);
  const longestFirst = [...unspaced].sort(([one], [other]) => other.length - one.length);
  return { spaced, unspaced: longestFirst.map(([name, person]) => ({ name, person })) };
}

function add(writings: Map<string, Writing[]>, writing: Writing): void {
  const first = writing.words[0];
  if (first === undefined) return;
  const known = writings.get(first) ?? [];
  if (!known.some(({ words, gap }) => gap === writing.gap && words.join(' ') === writing.words.join(' ')))
    known.push(writing);
  writings.set(first, known);
}

const IS_CJK = new RegExp(CJK, 'v');
const CJK_NAME = new RegExp(`${CJK}+(?:[ ·・]${CJK}+)*`, 'gv');
const IN_BRACKETS = /[([{（【][^)\]}）】]{0,80}[)\]}）】]/gu;
const IS_WORD = new RegExp(`[${WORDY}--_]+`, 'gv');

/** The names in what Jira displays: without brackets about the department, apart by script. */
function namesIn(displayed: string): string[] {
  const main = displayed.replace(IN_BRACKETS, ' ').replace(/@\S+/g, ' ').trim();
  const inside = [...displayed.matchAll(IN_BRACKETS)].map(([text]) => text.slice(1, -1));
  const cjk = displayed.match(CJK_NAME) ?? [];
  const spaced = [main, ...(IS_CJK.test(main) ? inside : [])].map((text) => text.replace(CJK_NAME, ' ').trim());
  return [...cjk, ...spaced].filter((name) => name !== '');
}

function unspacedWays(name: string, givenNames: boolean): string[] {
  const parts = name.split(/[ ·・]/);
  const whole = parts.join('');
  const given = givenNames && parts.length === 1 && whole.length === MIN_ALONE ? [whole.slice(1)] : [];
  return [...new Set([name, whole, ...parts, ...given])].filter((way) => way.length >= MIN_UNSPACED);
}

/** No function account: what is left of a name without technical words must still be a name. */
function wordsOf(name: string): string[] {
  if (name.includes('&')) return [];
  const raw = (name.match(IS_WORD) ?? []).filter((word) => !/^\d+$/.test(word));
  const words = raw.map(canonical).filter((word) => !titles.has(word));
  const own = words.filter((word) => !technicalWords.has(word));
  if (own.length === words.length) return words.slice(0, MAX_WORDS);
  return own.length >= 2 ? own.slice(0, MAX_WORDS) : [];
}

function* writingsOf(name: string, person: string): Generator<Writing> {
  const words = wordsOf(turned(name));
  const own = words.filter((word) => !particles.has(word));
  const sure = { gap: 'any', sureness: 'sure', person } as const;
  if (own.length > 1) yield { ...sure, words: wordsOf(name), sureness: surenessOfAll(words) };
  for (const sequence of sequences(words)) yield { ...sure, words: sequence, sureness: surenessOfAll(sequence) };
  for (const word of own) if (word.length >= MIN_ALONE) yield { ...sure, words: [word], sureness: surenessOf(word) };
  for (const [one, other] of pairs(own)) {
    yield { ...sure, words: [other, one], sureness: surenessOfAll([one, other]) };
    yield { ...sure, words: [one.charAt(0), other], gap: 'mark' };
    yield { ...sure, words: [other, one.charAt(0)], gap: 'mark' };
  }
  for (const login of loginsOf(words, own)) yield { ...sure, words: [login] };
  if (words.length > 2) yield { ...sure, words: [words[0] ?? '', words.slice(1).join('')] };
}

/** Last, First as First Last. */
function turned(name: string): string {
  const comma = name.indexOf(',');
  return comma === -1 ? name : `${name.slice(comma + 1)} ${name.slice(0, comma)}`;
}

/** jmueller, muellerj, janamueller, pvanderberg, obrien. */
function loginsOf(words: readonly string[], own: readonly string[]): string[] {
  const joined = [...sequences(words)].map((sequence) => ({ unit: sequence.join(''), of: sequence }));
  const units = [...own.map((word) => ({ unit: word, of: [word] })), ...joined];
  const logins = units.flatMap(({ unit, of }) =>
    own
      .filter((word) => !of.includes(word))
      .flatMap((word) => [word.charAt(0) + unit, unit + word.charAt(0), word + unit, unit + word]),
  );
  return [...new Set([...joined.map(({ unit }) => unit), ...logins])].filter(isLogin);
}

function surenessOf(word: string): Sureness {
  if (calendarWords.has(word)) return 'calendar';
  return everydayWords.has(word) ? 'everyday' : 'sure';
}

/** Two everyday words, as in Will May, need their capitals. */
function surenessOfAll(words: readonly string[]): Sureness {
  return words.every((word) => particles.has(word) || surenessOf(word) !== 'sure') ? 'everyday' : 'sure';
}

function isLogin(word: string): boolean {
  return word.length >= MIN_LOGIN && !technicalWords.has(word) && surenessOf(word) === 'sure';
}

/** Neighbouring words of a name, at least two of them and one that is more than `van` or `de`. */
function* sequences(words: readonly string[]): Generator<string[]> {
  for (let start = 0; start < words.length; start += 1) {
    for (let end = start + 2; end <= words.length; end += 1) {
      const sequence = words.slice(start, end);
      if (sequence.some((word) => !particles.has(word))) yield sequence;
    }
  }
}

function* pairs(words: readonly string[]): Generator<readonly [string, string]> {
  for (const [place, one] of words.entries()) {
    for (const [otherPlace, other] of words.entries()) if (place !== otherPlace) yield [one, other];
  }
}
