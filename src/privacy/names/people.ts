import { type Span, WORDY } from '../span.ts';
import { type Directory, directoryOf, type Writing } from './directory.ts';
import { canonical } from './ordinary.ts';

/** Finds the people that Jira names in a text: names in any order, parts of names, logins made from them. */
export function peopleFinder(people: readonly string[], options: { readonly givenNames: boolean }) {
  const directory = directoryOf(people, options);
  return function* peopleIn(text: string): Generator<Span> {
    yield* unspacedIn(text, directory);
    if (directory.spaced.size > 0) yield* spacedIn(text, directory.spaced);
  };
}

function* unspacedIn(text: string, { unspaced }: Directory): Generator<Span> {
  for (const { name, person } of unspaced) {
    for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + name.length))
      yield { start: at, end: at + name.length, kind: 'PERSON', key: person };
  }
}

interface Word {
  readonly start: number;
  readonly end: number;
  readonly raw: string;
  readonly canonical: string;
}

const WORDS = new RegExp(`[${WORDY}--_]+`, 'gv');

function* spacedIn(text: string, spaced: Directory['spaced']): Generator<Span> {
  const words: Word[] = [...text.matchAll(WORDS)].map(({ index, 0: raw }) => ({
    start: index,
    end: index + raw.length,
    raw,
    canonical: canonical(raw),
  }));
  for (let at = 0; at < words.length; at += 1) {
    const met = bestAt(at, { text, words, spaced });
    if (met === null) continue;
    yield { start: met.start, end: met.end, kind: 'PERSON', key: met.person };
    at += met.count - 1;
  }
}

interface Place {
  readonly text: string;
  readonly words: readonly Word[];
  readonly spaced: Directory['spaced'];
}

interface Met {
  readonly start: number;
  readonly end: number;
  readonly person: string;
  readonly count: number;
}

function bestAt(at: number, place: Place): Met | null {
  const word = place.words[at];
  if (word === undefined) return null;
  for (const form of formsOf(word)) {
    for (const writing of place.spaced.get(form.canonical) ?? []) {
      const last = lastWord(at, writing, place);
      if (last === null || !fits(at, writing, place)) continue;
      const end = writing.words.length === 1 ? word.start + form.length : last.end;
      return { start: word.start, end, person: writing.person, count: writing.words.length };
    }
  }
  return null;
}

const MIN_WITH_S = 5;

/** A word as it stands, without the digits of a login, and without the s of a genitive. */
function* formsOf({ raw, canonical: whole }: Word): Generator<{ readonly canonical: string; readonly length: number }> {
  yield { canonical: whole, length: raw.length };
  const last = raw.at(-1) ?? '';
  if (last >= '0' && last <= '9') yield { canonical: whole.replace(/\d{1,4}$/, ''), length: raw.length };
  if (last === 's' && raw.length > MIN_WITH_S && CAPITAL.test(raw))
    yield { canonical: whole.slice(0, -1), length: raw.length - 1 };
}

const ANY_GAP = /^[ .,_'’\-\u00a0]{1,3}$/;
const MARK_GAP = /^(?:[._-]|\. |, )$/;

/** The last word of a writing that begins here; null when it does not go on as written. */
function lastWord(at: number, { words: wanted, gap }: Writing, { text, words }: Place): Word | null {
  for (let offset = 1; offset < wanted.length; offset += 1) {
    const [before, word] = [words[at + offset - 1], words[at + offset]];
    if (before === undefined || word === undefined) return null;
    if (!isSame(word, wanted[offset], offset === wanted.length - 1)) return null;
    if (!(gap === 'any' ? ANY_GAP : MARK_GAP).test(text.slice(before.end, word.start))) return null;
  }
  return words[at + wanted.length - 1] ?? null;
}

function isSame(word: Word, wanted: string | undefined, isLast: boolean): boolean {
  return word.canonical === wanted || (isLast && word.canonical.replace(/(?:\d{1,4}|s)$/, '') === wanted);
}

const ADDRESSED =
  /(?:^|[^\p{L}])(?:mr|mrs|ms|miss|dr|prof|herrn?|frau|hr|fr|monsieur|madame|mme|sra?|señora?|hi|hello|hey|dear|hallo|moin|liebe[rs]?|kolleg(?:e|in)|colleague|bonjour|hola|user|nutzer|benutzer|gruß|grüße|thanks|danke|merci|gracias|regards|lg|vg|mfg|br|cheers)[.,!]?\s{1,2}$|@$/iu;
/** What only somebody does. */
const ACTS =
  /^\s(?:has|had|says?|said|told|asked|asks|wants|needs|can|cannot|can't|could|did|didn't|does|doesn't|wrote|writes|reported|reports|sees|saw|thinks|called|calls|works|worked|hat|hatte|sagt|sagte|meldet|meldete|kann|konnte|möchte|will|braucht|bekommt|schreibt|sieht|dit|peut|demande|dice|puede|quiere)(?![\p{L}])/iu;
const BEGINS_SENTENCE = /(?:^|[.!?:;•*#|>/\-–—\n\r([{"'„“])\s*$/u;
const CAPITAL = /^\p{Lu}\p{Ll}/u;
const BEFORE = 24;

/** Whether an ambiguous word is a name here, by how it is written and what stands around it. */
function fits(at: number, { sureness, words: wanted }: Writing, { text, words }: Place): boolean {
  const word = words[at];
  if (sureness === 'sure' || word === undefined) return true;
  const before = text.slice(Math.max(0, word.start - BEFORE), word.start);
  const after = text.slice(word.end, word.end + BEFORE);
  if (wanted.length > 1) return looksLikeOne(words.slice(at, at + wanted.length), text);
  if (!CAPITAL.test(word.raw)) return false;
  if (ADDRESSED.test(before) || ACTS.test(after) || standsAlone(before, after)) return true;
  if (sureness === 'calendar' || /^[:.=]?\s?\d/.test(after)) return false;
  return !BEGINS_SENTENCE.test(before);
}

/** Several everyday words are a name with capitals, or joined to a login. */
function looksLikeOne(words: readonly Word[], text: string): boolean {
  const joint = text.slice(words[0]?.end ?? 0, words[1]?.start ?? 0);
  return words.every(({ raw }) => CAPITAL.test(raw)) || /^[._]$/.test(joint);
}

/** A line of its own, or the last word of one: a signature. */
function standsAlone(before: string, after: string): boolean {
  return /(?:^|\n|[.!?]\s)\s*$/.test(before) && /^[\s.!]*(?:\n|$)/.test(after);
}
