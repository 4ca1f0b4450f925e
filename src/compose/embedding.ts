import { onnxEmbedder } from '../adapters/onnx/embedder.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Embedder } from '../domain/ports/model.ts';
import { queryEmbedder, type TextOf, wholeText } from '../domain/ticket/embedding.ts';
import type { VectorSpaces } from '../domain/ticket/space.ts';
import { veiledText } from '../privacy/veil.ts';
import type { Settings } from '../settings/env.ts';

/** A model in a folder of this machine, or one behind an endpoint. */
export type EmbeddingSource =
  | { readonly folder: string }
  | { readonly baseUrl: string | undefined; readonly model: string; readonly apiKey: string };

export interface EmbeddingOptions {
  readonly spaces: VectorSpaces;
  /** What is embedded of a ticket; all its words when absent. */
  readonly textOf?: TextOf;
  /** Names that choice, when it is not all of them: vectors of other texts belong to another space. */
  readonly recipe?: string;
}

export interface Embedders extends AsyncDisposable {
  /** For past tickets: the model that is configured. */
  readonly tickets: Embedder;
  /** For new ones: the model of the space that is searched. */
  readonly queries: Embedder;
}

/** What a service embeds with. */
export interface Embedding {
  /** For past tickets; null: words alone are compared. */
  readonly embedder: Embedder | null;
  /** For new ones: the model that past tickets are searched with. */
  readonly queryEmbedder: Embedder | null;
  /** What of a ticket is embedded. */
  readonly textOf: TextOf;
  readonly close: () => Promise<void>;
}

/** The embedders that the settings ask for, none when they ask for none. Throws `MisconfiguredError` like `openEmbedding`. */
export async function openEmbedders(
  settings: Settings,
  playbook: () => Playbook,
  spaces: VectorSpaces,
): Promise<Embedding> {
  const source = embeddingSource(settings);
  const words = wordsFor(source, () => playbook().privacy);
  const opened = source && (await openEmbedding(source, { spaces, ...words }));
  return {
    embedder: opened?.tickets ?? null,
    queryEmbedder: opened?.queries ?? null,
    textOf: words.textOf,
    close: async () => opened?.[Symbol.asyncDispose](),
  };
}

/**
 * What of a ticket is embedded: on this machine all its words, elsewhere without private things, by the playbook that
 * holds then. How much is taken out names the vectors, so it never becomes less while we run.
 */
function wordsFor(
  source: EmbeddingSource | null,
  privacy: () => Playbook['privacy'],
): { textOf: TextOf; recipe?: string } {
  if (source === null || 'folder' in source) return { textOf: wholeText };
  const { redaction } = privacy();
  const textOf: TextOf = (ticket) => {
    const now = privacy();
    return veiledText({ ...now, redaction: stricter(redaction, now.redaction) })(ticket);
  };
  return redaction === 'off' ? { textOf } : { textOf, recipe: redaction };
}

type Redaction = Playbook['privacy']['redaction'];
const MILDEST_FIRST: readonly Redaction[] = ['off', 'standard', 'strict'];

function stricter(one: Redaction, other: Redaction): Redaction {
  return MILDEST_FIRST.indexOf(one) < MILDEST_FIRST.indexOf(other) ? other : one;
}

function embeddingSource({ embeddings, secrets }: Settings): EmbeddingSource | null {
  if (embeddings === null || 'folder' in embeddings) return embeddings;
  return { ...embeddings, apiKey: secrets.openai };
}

/** Throws `MisconfiguredError` when a local model cannot be used. */
export async function openEmbedding(source: EmbeddingSource, options: EmbeddingOptions): Promise<Embedders> {
  const { spaces, recipe, textOf } = options;
  const seen = await spaces.live();
  const ending = recipe === undefined ? '' : `+${recipe}`;
  const rest = { spaces, seen, ...(textOf ? { textOf } : {}) };
  if ('folder' in source) {
    // Whoever embeds on this machine may not want tickets to leave it: no endpoint stands in for a former model.
    const local = await onnxEmbedder({ folder: source.folder, ending });
    const queries = queryEmbedder({ ...rest, embedder: local, embedderFor: () => null });
    return { tickets: local, queries, [Symbol.asyncDispose]: () => local[Symbol.asyncDispose]() };
  }
  const { openaiEmbedder } = await import('../adapters/openai/embedder.ts');
  const embedderFor = (name: string) =>
    openaiEmbedder({
      ...source,
      name,
      model: name.endsWith(ending) ? name.slice(0, name.length - ending.length) : name,
    });
  const embedder = embedderFor(source.model + ending);
  const queries = queryEmbedder({ ...rest, embedder, embedderFor });
  return { tickets: embedder, queries, [Symbol.asyncDispose]: async () => {} };
}
