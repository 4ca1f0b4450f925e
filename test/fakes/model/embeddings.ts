import { z } from 'zod';
import { termsOf } from '../../../src/domain/ticket/text.ts';
import { faultOf } from './chat/request-faults.ts';
import { tokensIn } from './chat/tokens.ts';
import { badRequest } from './gate/fault.ts';
import type { Profile } from './gate/profiles.ts';
import type { PlainTrouble } from './gate/troubles/troubles.ts';

export const DIMENSIONS = 64;

const Text = z.string().min(1);
const shape = {
  model: z.string(),
  input: z.union([Text, z.array(Text).min(1)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.int().min(1).optional(),
  user: z.string().optional(),
};
const strict = z.strictObject(shape);
const tolerant = z.object(shape);
export type EmbeddingRequest = z.output<typeof strict>;

/** An embedding model: its vectors mean nothing to any other's, and have a length of their own. */
export interface Space {
  readonly name: string;
  readonly dimensions: number;
}

/** A request that was found valid, and what it costs. */
export interface ReadEmbedding extends EmbeddingRequest {
  readonly texts: readonly string[];
  readonly tokens: number;
}

interface Most {
  readonly embeddingTokens: number;
  readonly embeddingInputs: number;
}

/** Throws the `Refusal` for what this kind of server would not embed. */
export function readEmbedding(profile: Profile, body: unknown, most: Most): ReadEmbedding {
  const read = (profile.unknown === 'refused' ? strict : tolerant).safeParse(body);
  if (!read.success) throw faultOf(read.error, body);
  const { input } = read.data;
  const texts = typeof input === 'string' ? [input] : input;
  const lengths = texts.map(tokensIn);
  const longest = Math.max(...lengths);
  if (texts.length > most.embeddingInputs)
    throw badRequest(
      `Invalid 'input': array too long. Expected an array with maximum length ${most.embeddingInputs}, but got an array with length ${texts.length} instead.`,
      'input',
      'array_above_max_length',
    );
  if (longest > most.embeddingTokens)
    throw badRequest(
      `This model's maximum context length is ${most.embeddingTokens} tokens, however you requested ${longest} tokens.`,
    );
  return { ...read.data, texts, tokens: lengths.reduce((sum, length) => sum + length, 0) };
}

/** Models that were not declared share one space. */
export function embeddingsOf(
  { model, texts, tokens, dimensions, encoding_format }: ReadEmbedding,
  trouble: PlainTrouble | undefined,
  space: Space = SHARED,
): unknown {
  const full = space.dimensions;
  if (dimensions !== undefined && dimensions > full)
    throw badRequest(
      `Invalid value for 'dimensions': expected a value <= ${full}, but got ${dimensions} instead.`,
      'dimensions',
    );
  const data = texts.map((text, index) => {
    const vector = shortenedTo(dimensions, vectorIn(space, text));
    if (trouble === 'wrong-dimension') vector.push(0);
    return { object: 'embedding', index, embedding: encoding_format === 'base64' ? encoded(vector) : vector };
  });
  if (trouble === 'short') data.pop();
  if (trouble === 'shuffled') data.reverse();
  return { object: 'list', model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

const SHARED: Space = { name: '', dimensions: DIMENSIONS };

/** The vector an undeclared model gives a text: its words, hashed into `DIMENSIONS` places; never the zero vector. */
export function vectorFor(text: string): number[] {
  return vectorIn(SHARED, text);
}

/** The same for a model that was declared. */
export function vectorIn({ name, dimensions }: Space, text: string): number[] {
  const seed = hashOf(name, 7);
  const vector = Array.from({ length: dimensions }, () => 0.01);
  for (const term of termsOf(text)) {
    const place = hashOf(term, seed) % dimensions;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  return vector;
}

function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_537;
  return hash;
}

function shortenedTo(dimensions: number | undefined, vector: number[]): number[] {
  if (dimensions === undefined || dimensions === vector.length) return vector;
  const cut = vector.slice(0, dimensions);
  const length = Math.hypot(...cut);
  return cut.map((value) => value / length);
}

function encoded(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
