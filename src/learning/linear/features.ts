import { CJK, cleanText } from '../../domain/ticket/text.ts';
import { BLOCK_BITS, type FeatureCounts, Tally } from './tally.ts';

/** A ticket as the classifier sees it. `context` is what a ticket has beyond text, for example its reporter. */
export interface Sample {
  readonly title: string;
  readonly body: string;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * The blocks of a ticket's features and their weight: each block is scaled to this length, so that long bodies do not
 * drown the title, nor n-grams the words. The title counts again where there is a body. Weights measured on real
 * tickets: the title blocks gain 3 points on GitHub issues and 1 on Jira's; the context's weight gains 2 points of team
 * accuracy from the caller's name.
 */
const BLOCKS = { words: 1, characters: 1, titleWords: 0.5, titleCharacters: 0.5, context: 0.7 } as const;

const BLOCK_NAMES = ['words', 'characters', 'titleWords', 'titleCharacters', 'context'] as const;

/** Feature ids are below this, however many words there are: the hashed vocabulary bounds all memory. */
export const FEATURE_SPACE = BLOCK_NAMES.length << BLOCK_BITS;

/** A decision hangs on a ticket's first words; pasted logs follow. */
const MAX_WORDS = 300;
const MAX_WORD_LENGTH = 40;
const SHORTEST_GRAM = 2;
const LONGEST_GRAM = 5;

const tally = new Tally();

/** Counts word 1–2-grams and character 2–5-grams inside words; CJK runs count as single characters and pairs too. */
export function countFeatures({ title, body, context }: Sample): FeatureCounts {
  const titleWords = wordsOf(title);
  const all = [...titleWords, ...wordsOf(body)].slice(0, MAX_WORDS);
  const again = body === '' ? [] : titleWords;
  for (const words of [all, again]) {
    countWords(words);
    countCharacters(words);
  }
  countContext(context);
  return tally.take();
}

const WORD = /[\p{L}\p{N}\p{M}_]+/gu;

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [word] of cleanText(text).toLowerCase().matchAll(WORD)) {
    words.push(...piecesOf(word));
    if (words.length >= MAX_WORDS) break;
  }
  return words;
}

/** A long run of letters is base64 or hostile and counts by its beginning; of a script without spaces, it is a sentence. */
function piecesOf(word: string): string[] {
  if (word.length <= MAX_WORD_LENGTH) return [word];
  if (!CJK.test(word)) return [word.slice(0, MAX_WORD_LENGTH)];
  return Array.from({ length: Math.ceil(word.length / MAX_WORD_LENGTH) }, (_, index) =>
    word.slice(index * MAX_WORD_LENGTH, (index + 1) * MAX_WORD_LENGTH),
  );
}

/** Words, and pairs of neighbours including the text's start and end; each CJK character is a word. */
function countWords(words: readonly string[]): void {
  const parts = words.flatMap((word) => (CJK.test(word) ? [...word] : [word]));
  tally.begin(2 * parts.length + 1);
  let previous = '^';
  for (const part of parts) {
    tally.add(hash(part));
    tally.add(hash(part, stateAfter(' ', stateAfter(previous))));
    previous = part;
  }
  if (parts.length > 0) tally.add(hash(`${previous} $`));
  tally.end();
}

/** Every run of 2 to 5 characters inside a word that is framed by spaces. */
function countCharacters(words: readonly string[]): void {
  const characters = words.reduce((sum, word) => sum + word.length + 2, 0);
  tally.begin(characters * (LONGEST_GRAM - SHORTEST_GRAM + 1));
  for (const word of words) {
    const framed = ` ${word} `;
    for (let start = 0; start + SHORTEST_GRAM <= framed.length; start++) {
      let state = OFFSET;
      const last = Math.min(start + LONGEST_GRAM, framed.length);
      for (let end = start; end < last; end++) {
        state = step(state, framed.charCodeAt(end));
        if (end - start + 1 >= SHORTEST_GRAM) tally.add(finish(state));
      }
    }
  }
  tally.end();
}

function countContext(context: Sample['context']): void {
  const values = Object.entries(context);
  tally.begin(values.length);
  for (const [name, value] of values) tally.add(hash(`${name}=${value}`));
  tally.end();
}

const OFFSET = 0x811c9dc5;

function step(state: number, code: number): number {
  return Math.imul(state ^ code, 0x01000193);
}

/** FNV-1a's low bits are weak for short inputs; the murmur3 finaliser mixes them (Appleby, public domain). */
function finish(state: number): number {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) & ((1 << BLOCK_BITS) - 1);
}

function hash(text: string, before = OFFSET): number {
  return finish(stateAfter(text, before));
}

function stateAfter(text: string, before = OFFSET): number {
  let state = before;
  for (let index = 0; index < text.length; index++) state = step(state, text.charCodeAt(index));
  return state;
}

/** How rare each feature is, for a whole history; 0 where a feature never occurred. Stored in a byte each. */
export type Rarity = Uint8Array;

const RARITY_STEPS = 20;

/** Smoothed inverse document frequency, `ln((1 + n) / (1 + df)) + 1`, rounded to a twentieth. */
export function rarityOf(documentFrequency: Uint32Array, documents: number): Rarity {
  const rarity = new Uint8Array(FEATURE_SPACE);
  for (let feature = 0; feature < FEATURE_SPACE; feature++) {
    const frequency = documentFrequency[feature] ?? 0;
    if (frequency === 0) continue;
    rarity[feature] = Math.min(Math.round(Math.log((1 + documents) / (1 + frequency)) * RARITY_STEPS) + 1, 255);
  }
  return rarity;
}

/** A ticket as a sparse vector; `known` is the share of its distinct words and n-grams that the history has. */
export interface FeatureVector {
  readonly ids: Uint32Array;
  readonly values: Float32Array;
  readonly known: number;
}

/** Sublinear TF-IDF, each block scaled to its weight; what the history does not know is left out. */
export function weigh(counted: FeatureCounts, rarity: Rarity): FeatureVector {
  const { ids, ends } = counted;
  const vector = { ids: new Uint32Array(ids.length), values: new Float32Array(ids.length), size: 0 };
  for (const [index, name] of BLOCK_NAMES.entries()) {
    const first = vector.size;
    const squares = addBlock(vector, counted, { start: ends[index - 1] ?? 0, end: ends[index] ?? 0, rarity });
    const length = name === 'context' ? 1 : Math.sqrt(squares) || 1;
    for (let position = first; position < vector.size; position++) {
      const value = name === 'context' ? 1 : (vector.values[position] ?? 0);
      vector.values[position] = (value * BLOCKS[name]) / length;
    }
  }
  const { size } = vector;
  return {
    ids: vector.ids.subarray(0, size),
    values: vector.values.subarray(0, size),
    known: knownShare(counted, rarity),
  };
}

interface OpenVector {
  readonly ids: Uint32Array;
  readonly values: Float32Array;
  size: number;
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly rarity: Rarity;
}

/** Appends one block's features and returns the sum of their squares. */
function addBlock(vector: OpenVector, { ids, counts }: FeatureCounts, { start, end, rarity }: Block): number {
  let squares = 0;
  for (let position = start; position < end; position++) {
    const id = ids[position] ?? 0;
    const rank = rarity[id] ?? 0;
    if (rank === 0) continue;
    const value = (1 + Math.log(counts[position] ?? 1)) * ((rank - 1) / RARITY_STEPS + 1);
    vector.ids[vector.size] = id;
    vector.values[vector.size++] = value;
    squares += value * value;
  }
  return squares;
}

/** Over the words and n-grams of the whole text. */
function knownShare({ ids, ends }: FeatureCounts, rarity: Rarity): number {
  const end = ends[1] ?? 0;
  let known = 0;
  for (let position = 0; position < end; position++) if (rarity[ids[position] ?? 0] !== 0) known++;
  return end === 0 ? 0 : known / end;
}
