import type { Taxonomy } from '../../domain/playbook/playbook.ts';
import { CJK } from '../../domain/ticket/text.ts';
import { type Change, type Ground, keysOf, type Proposed, type Studied, titleOf } from './change.ts';
import { withText } from './text/edit.ts';
import { common, type Lines, wordsIn } from './text/survey.ts';
import { sumOf, type Tally, telling } from './text/telling.ts';
import { spellingsOf } from './text/words.ts';

/** A word in fewer tickets is somebody's manner of speaking. */
const MIN_TICKETS = 3;
const MOST = 6;
const NOTHING: Tally = { holders: new Map(), words: 0, tickets: 0 };

/** Words of so many of a case's tickets that they may be what it is about. */
export function candidateWords(lines: readonly Lines[]): ReadonlySet<string> {
  return common(lines.map(wordsIn), MIN_TICKETS);
}

/** Adds the words to a value's description that tell its corrected tickets from those of the value we chose. */
export function describe(studied: Studied, ground: Ground): Proposed {
  const { target, theirs, tickets } = studied.case;
  const known = descriptionIn(ground.playbook.taxonomies.get(target.name), theirs);
  if (target.values === undefined || known === null) return { changes: [], notes: noPlace(studied, ground) };
  const words = tellingWords(studied).filter((word) => !holds(known, word));
  if (words.length === 0) return { changes: [], notes: [] };
  const change: Change = {
    id: JSON.stringify([target.values, theirs, words]),
    kind: 'description',
    of: studied.case,
    file: target.values,
    what: `${theirs}: ${ALSO}${words.join(', ')}`,
    keys: keysOf(tickets.filter((_, index) => words.some((word) => says(studied, index, word)))),
    apply: (source) => withText(source, ['values', theirs, 'description'], (text) => extended(text, words)),
  };
  return { changes: [change], notes: [] };
}

const ALSO = 'also: ';

/** Another case may have added some of them meanwhile. */
function extended(description: string, words: readonly string[]): string {
  const fresh = words.filter((word) => !holds(description, word));
  return fresh.length === 0 ? description : `${description}${glueFor(description)}${fresh.join(', ')}`;
}

function glueFor(description: string): string {
  if (description === '') return ALSO;
  if (/also: /i.test(description)) return ', ';
  return /[.!?。！？]$/u.test(description) ? ' Also: ' : `; ${ALSO}`;
}

function descriptionIn(taxonomy: Taxonomy | undefined, value: string): string | null {
  if (!taxonomy || !Object.hasOwn(taxonomy.values, value)) return null;
  return taxonomy.values[value]?.description ?? null;
}

function noPlace({ case: { target, theirs, ours } }: Studied, { playbook }: Ground): readonly string[] {
  if (!playbook.taxonomies.has(target.name)) return [];
  return [
    `${target.name} ${titleOf({ ours, theirs })}: ${theirs} is not in ${target.values ?? ''}; add it there, or we never choose it`,
  ];
}

/** The best six as most people write them, each of another stem; those that are known already take a place too. */
function tellingWords(studied: Studied): readonly string[] {
  const { words } = studied.survey;
  const sets = studied.lines.map(wordsIn);
  const candidates = candidateWords(studied.lines);
  const own = tallyOf(sets, candidates);
  const all = sumOf([...words.values()]);
  const rest = sumOf([...words].flatMap(([value, tally]) => (value === studied.case.theirs ? [] : [tally])));
  const ours = words.get(studied.case.ours) ?? NOTHING;
  const scoreOf = (word: string) => {
    const against = (other: Tally) => telling(word, { own, other, all });
    return ours.words === 0 ? against(rest) : Math.min(against(ours), against(rest));
  };
  const spellings = spellingsOf(studied.lines);
  const best = [...candidates]
    .map((word) => ({ word, score: scoreOf(word) }))
    // A single Chinese character says too little by itself.
    .filter(({ word, score }) => word.length > 1 && score > 0)
    .sort((one, other) => other.score - one.score || (one.word < other.word ? -1 : 1));
  const stems = Map.groupBy(best, ({ word }) => stemOf(word));
  return [...stems.values()].slice(0, MOST).map(([first]) => spellings.get(first?.word ?? '') ?? '');
}

function tallyOf(sets: readonly ReadonlySet<string>[], candidates: ReadonlySet<string>): Tally {
  const held = [...candidates].map((word) => [word, sets.filter((set) => set.has(word)).length] as const);
  return { holders: new Map(held), words: sets.reduce((sum, { size }) => sum + size, 0), tickets: sets.length };
}

const STEM = 5;

/** Words of one beginning say the same to a reader: Drucker, Druckers, Druckertreiber. */
function stemOf(word: string): string {
  return CJK.test(word) ? word : word.slice(0, STEM);
}

function holds(description: string, word: string): boolean {
  return description.toLowerCase().includes(word.toLowerCase());
}

function says({ lines }: Studied, index: number, word: string): boolean {
  return lines[index]?.some((line) => line.some(({ key }) => key === word.toLowerCase())) ?? false;
}
