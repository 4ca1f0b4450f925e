import type { Json } from '../../jira/json.ts';

/** Probability of each value a field could have had, by field. A brain fills it in where it weighed several. */
export type Odds = Map<string, ReadonlyMap<string, number>>;

/** A stretch of the answer; with `odds`, a value chosen among others. */
export interface Piece {
  readonly text: string;
  readonly odds?: ReadonlyMap<string, number> | undefined;
}

export interface Token {
  readonly text: string;
  readonly probability: number;
  readonly others: readonly (readonly [text: string, probability: number])[];
}

const WORD_PIECES = / ?\p{L}{1,6}|\p{N}{1,3}|\s|[^\p{L}\p{N}\s]/gu;
/** What is not a choice is nearly certain. */
const CERTAIN = 0.9995;

/**
 * Tokens whose texts joined are the pieces joined. Characters are never split, as real tokenizers do with rare ones.
 * The first token of a chosen value carries its probability and those of the other values.
 */
export function tokensOf(pieces: readonly Piece[]): Token[] {
  return pieces.flatMap(({ text, odds }) => {
    const texts = splitText(text);
    return texts.map((token, index): Token => {
      if (index > 0 || !odds) return { text: token, probability: CERTAIN, others: [] };
      return chosen(token, odds);
    });
  });
}

/** Roughly how many tokens a long text has: four bytes each, so that a Chinese character counts as most of one. */
export function tokensIn(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

function splitText(text: string): string[] {
  return text.match(WORD_PIECES) ?? [];
}

function chosen(token: string, odds: ReadonlyMap<string, number>): Token {
  const byToken = new Map<string, number>();
  for (const [value, probability] of odds) {
    const first = splitText(value)[0] ?? '';
    byToken.set(first, (byToken.get(first) ?? 0) + probability);
  }
  const others = [...byToken].filter(([text]) => text !== token).toSorted((left, right) => right[1] - left[1]);
  return { text: token, probability: Math.max(1e-6, Math.min(CERTAIN, byToken.get(token) ?? CERTAIN)), others };
}

/** Between names and values, and between members; `JSON.stringify` has no spaces there. */
const COMPACT = { colon: ':', comma: ',' };

/** A JSON object in pieces, the values with odds apart. */
export function jsonPieces(answer: Json, odds: Odds, { colon, comma } = COMPACT): Piece[] {
  const entries = Object.entries(answer).filter(([, value]) => JSON.stringify(value) !== undefined);
  const pieces = entries.flatMap(([name, value], index): Piece[] => {
    const opening = `${index > 0 ? comma : ''}${JSON.stringify(name)}${colon}`;
    const known = odds.get(name);
    if (!known || typeof value !== 'string' || value === '') return [{ text: opening + written(value, comma) }];
    return [{ text: `${opening}"` }, { text: JSON.stringify(value).slice(1, -1), odds: known }, { text: '"' }];
  });
  return [{ text: '{' }, ...pieces, { text: '}' }];
}

function written(value: unknown, comma: string): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `[${value.map((one) => JSON.stringify(one) ?? 'null').join(comma)}]`;
}
