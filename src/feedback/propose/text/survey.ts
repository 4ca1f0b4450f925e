import type { Tally } from './telling.ts';
import { linesOf, saysSomething, type Word } from './words.ts';

/** Words of one ticket by line. */
export type Lines = readonly (readonly Word[])[];

/** Longest phrase a rule is made of, in words. */
const LONGEST = 4;

/** Every phrase of a ticket's lines by its key, with its words. Its first and last word must say something. */
export function phrasesIn(lines: Lines): ReadonlyMap<string, readonly Word[]> {
  const phrases = new Map<string, readonly Word[]>();
  for (const line of lines) {
    for (const start of line.keys()) {
      for (let length = 1; length <= LONGEST && start + length <= line.length; length++) {
        const words = line.slice(start, start + length);
        if ([words.at(0), words.at(-1)].every((word) => word && saysSomething(word.key)))
          phrases.set(keyOf(words), words);
      }
    }
  }
  return phrases;
}

/** Every single word of a ticket's lines that says something. */
export function wordsIn(lines: Lines): ReadonlySet<string> {
  return new Set(lines.flat().flatMap(({ key }) => (saysSomething(key) ? [key] : [])));
}

/** What occurs in at least so many of these sets. */
export function common(sets: readonly Iterable<string>[], atLeast: number): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const set of sets) for (const one of set) counts.set(one, (counts.get(one) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count >= atLeast).map(([one]) => one));
}

/** A ticket with the single values people ended with. */
export interface Labelled {
  readonly text: string;
  readonly values: readonly string[];
}

/** What past tickets of each value of a target hold of the words and phrases that are looked for. */
export interface Survey {
  readonly words: ReadonlyMap<string, Tally>;
  /** By phrase, then by value; a ticket with several values counts for each. */
  readonly phrases: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Tickets with a phrase, by phrase. */
  readonly tickets: ReadonlyMap<string, number>;
}

interface Sought {
  readonly words: ReadonlySet<string>;
  readonly phrases: ReadonlySet<string>;
  /** First words of the phrases. */
  readonly starts: ReadonlySet<string>;
}

/** Looks once through all of memory, however many words and phrases are looked for. */
export function survey(tickets: Iterable<Labelled>, looked: Omit<Sought, 'starts'>): Survey {
  const sought = { ...looked, starts: new Set([...looked.phrases].map((phrase) => phrase.split(' ', 1)[0] ?? '')) };
  const words = new Map<string, { holders: Map<string, number>; words: number; tickets: number }>();
  const phrases = new Map<string, Map<string, number>>();
  const held = new Map<string, number>();
  for (const { text, values } of tickets) {
    const lines = linesOf(text);
    const own = wordsIn(lines);
    const known = [...own].filter((word) => looked.words.has(word));
    const found = phrasesAmong(lines, sought);
    for (const phrase of found) held.set(phrase, (held.get(phrase) ?? 0) + 1);
    for (const value of values) {
      const tally = entryOf(words, value, () => ({ holders: new Map<string, number>(), words: 0, tickets: 0 }));
      tally.words += own.size;
      tally.tickets += 1;
      for (const word of known) tally.holders.set(word, (tally.holders.get(word) ?? 0) + 1);
      for (const phrase of found) {
        const byValue = entryOf(phrases, phrase, () => new Map<string, number>());
        byValue.set(value, (byValue.get(value) ?? 0) + 1);
      }
    }
  }
  return { words, phrases, tickets: held };
}

/** Few words begin a phrase that is looked for, and only there it is worth putting phrases together. */
function phrasesAmong(lines: Lines, { phrases, starts }: Sought): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of lines) {
    for (const [start, { key }] of line.entries()) {
      if (!starts.has(key)) continue;
      for (let length = 1; length <= LONGEST && start + length <= line.length; length++) {
        const phrase = keyOf(line.slice(start, start + length));
        if (phrases.has(phrase)) found.add(phrase);
      }
    }
  }
  return found;
}

function entryOf<Value>(map: Map<string, Value>, key: string, begin: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const begun = begin();
  map.set(key, begun);
  return begun;
}

function keyOf(words: readonly Word[]): string {
  return words.map(({ key }) => key).join(' ');
}
