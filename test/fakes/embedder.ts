import { TransientError } from '../../src/domain/errors.ts';
import type { Embedder } from '../../src/domain/ports/model.ts';
import { termsOf } from '../../src/domain/ticket/text.ts';

export interface EmbedderFake extends Embedder {
  /** All that was embedded, in order. */
  readonly texts: readonly string[];
  /** How many more requests it answers before it fails. */
  answers: number;
}

export interface EmbedderParts {
  readonly dimensions?: number;
  /** What it really is, when that is not what it is called. */
  readonly meaning?: string;
}

/** An embedder whose vectors mean nothing to one of another name, even where they are as long. */
export function embedderFake(model: string, { dimensions = 16, meaning = model }: EmbedderParts = {}): EmbedderFake {
  const texts: string[] = [];
  const fake: EmbedderFake = {
    model,
    texts,
    answers: Number.POSITIVE_INFINITY,
    embed: async (some) => {
      if (fake.answers <= 0) throw new TransientError('the endpoint is busy');
      fake.answers -= 1;
      texts.push(...some);
      return some.map((text) => ({ model, vector: vectorOf(text, meaning, dimensions) }));
    },
  };
  return fake;
}

/** Its words, scattered over the places in a way of the model's own. */
function vectorOf(text: string, meaning: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const term of termsOf(text)) {
    let hash = 0;
    for (const letter of meaning + term) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
    const place = hash % dimensions;
    vector[place] = (vector[place] ?? 0) + (hash % 2 === 0 ? 1 : -1);
  }
  return vector;
}
