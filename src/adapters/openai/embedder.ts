import OpenAI from 'openai';
import { TransientError } from '../../domain/errors.ts';
import type { Embedder } from '../../domain/ports.ts';

export interface EmbeddingAccess {
  /** Any OpenAI-compatible server; undefined means api.openai.com. */
  readonly baseUrl: string | undefined;
  readonly apiKey: string;
  readonly model: string;
}

const BATCH = 64;
const TIMEOUT_MS = 20_000;
const MAX_CHARACTERS = 8_000;

/** Embeds through an OpenAI-compatible `/embeddings` endpoint. Throws `TransientError` when it fails. */
export function openaiEmbedder({ baseUrl, apiKey, model }: EmbeddingAccess): Embedder {
  const client = new OpenAI({ apiKey, timeout: TIMEOUT_MS, maxRetries: 1, ...(baseUrl ? { baseURL: baseUrl } : {}) });
  return {
    embed: async (texts) => {
      const vectors: number[][] = [];
      for (let start = 0; start < texts.length; start += BATCH) {
        const batch = texts.slice(start, start + BATCH).map((text) => text.slice(0, MAX_CHARACTERS) || ' ');
        vectors.push(...(await embedBatch(client, model, batch)));
      }
      return vectors.map((vector) => ({ model, vector }));
    },
  };
}

async function embedBatch(client: OpenAI, model: string, input: string[]): Promise<number[][]> {
  try {
    const { data } = await client.embeddings.create({ model, input, encoding_format: 'float' });
    if (data.length !== input.length)
      throw new TransientError(`${input.length} texts went in, ${data.length} vectors came out`);
    return data.toSorted((left, right) => left.index - right.index).map(({ embedding }) => embedding);
  } catch (error) {
    if (error instanceof TransientError) throw error;
    // Status only, and no `cause`: servers echo the text they were sent.
    const status = error instanceof OpenAI.APIError ? (error.status ?? null) : null;
    throw new TransientError(
      status === null ? 'the embeddings endpoint cannot be reached' : `the embeddings endpoint answered ${status}`,
    );
  }
}
