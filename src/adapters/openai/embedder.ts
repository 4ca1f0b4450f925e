import OpenAI from 'openai';
import { TransientError } from '../../domain/errors.ts';
import type { Embedder } from '../../domain/ports/model.ts';
import { vectorCheck } from '../../domain/ticket/embedding.ts';
import { STAY } from './stay.ts';

export interface EmbeddingAccess {
  /** Any OpenAI-compatible server; undefined means api.openai.com. */
  readonly baseUrl: string | undefined;
  readonly apiKey: string;
  /** What the server calls it. */
  readonly model: string;
  /** What its vectors are stamped with, when texts are changed before or the server calls two models the same. */
  readonly name?: string;
}

const BATCH = 64;
/** A request may hold 300,000 tokens at OpenAI; a Chinese character can be two. */
const BATCH_CHARACTERS = 100_000;
const MAX_CHARACTERS = 8_000;
/** A server that refuses even this does not refuse it for its length. */
const MIN_CHARACTERS = 256;
const TIMEOUT_MS = 20_000;

/** Embeds through an OpenAI-compatible `/embeddings` endpoint. Throws `TransientError` when it fails. */
export function openaiEmbedder({ baseUrl, apiKey, model, name = model }: EmbeddingAccess): Embedder {
  const client = new OpenAI({
    apiKey,
    timeout: TIMEOUT_MS,
    maxRetries: 1,
    fetchOptions: STAY,
    ...(baseUrl ? { baseURL: baseUrl } : {}),
  });
  const check = vectorCheck(name);
  return {
    model: name,
    embed: async (texts, { signal } = {}) => {
      const vectors: number[][] = [];
      for (const batch of batchesOf(texts.map((text) => beginningOf(text)))) {
        vectors.push(...(await embedBatch(batch, { client, model, signal })));
      }
      check(vectors);
      return vectors.map((vector) => ({ model: name, vector }));
    },
  };
}

/** No half characters, which some servers refuse, and never nothing, which all refuse. */
function beginningOf(text: string, length = MAX_CHARACTERS): string {
  return text.slice(0, length).toWellFormed() || ' ';
}

function batchesOf(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let characters = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    if (last && last.length < BATCH && characters + text.length <= BATCH_CHARACTERS) {
      last.push(text);
      characters += text.length;
    } else {
      batches.push([text]);
      characters = text.length;
    }
  }
  return batches;
}

interface Endpoint {
  readonly client: OpenAI;
  readonly model: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * How much a server takes at once is its secret and counted in its own tokens, so what it refuses is halved: the batch,
 * then the text. One long ticket must not keep all others from their vectors.
 */
async function embedBatch(texts: readonly string[], endpoint: Endpoint): Promise<number[][]> {
  try {
    return await request(texts, endpoint);
  } catch (error) {
    const [text = ''] = texts;
    if (!(error instanceof OpenAI.APIError) || !isTooMuch(error.status)) throw translated(error, endpoint);
    if (texts.length === 1 && text.length <= MIN_CHARACTERS) throw translated(error, endpoint);
    if (texts.length === 1) return embedBatch([beginningOf(text, Math.ceil(text.length / 2))], endpoint);
    const middle = Math.ceil(texts.length / 2);
    const first = await embedBatch(texts.slice(0, middle), endpoint);
    return [...first, ...(await embedBatch(texts.slice(middle), endpoint))];
  }
}

function isTooMuch(status: unknown): boolean {
  return status === 400 || status === 413 || status === 422;
}

async function request(texts: readonly string[], { client, model, signal }: Endpoint): Promise<number[][]> {
  const { data } = await client.embeddings.create(
    { model, input: [...texts], encoding_format: 'float' },
    signal ? { signal } : {},
  );
  if (data.length !== texts.length)
    throw new TransientError(`${texts.length} texts went in, ${data.length} vectors came out`);
  return data.toSorted((left, right) => left.index - right.index).map(({ embedding }) => embedding);
}

/** Status only, and no `cause`: servers echo the text they were sent. */
function translated(error: unknown, { signal }: Endpoint): TransientError {
  if (error instanceof TransientError) return error;
  if (signal?.aborted) return new TransientError('embedding was given up');
  const status = error instanceof OpenAI.APIError ? (error.status ?? null) : null;
  return new TransientError(
    status === null ? 'the embeddings endpoint cannot be reached' : `the embeddings endpoint answered ${status}`,
  );
}
