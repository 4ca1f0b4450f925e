import { TransientError } from '../errors.ts';
import type { Embedder } from '../ports/model.ts';
import type { Embedding, PastTicket } from './issue.ts';
import type { Space, VectorSpaces } from './space.ts';

/** Which words stand for a ticket, new or past. Another choice needs another model name: its vectors mean something else. */
export type TextOf = (ticket: Pick<PastTicket, 'summary' | 'text' | 'people'>) => string;

/** All of them. */
export const wholeText: TextOf = ({ summary, text }) => `${summary}\n${text}`;

/** The space an embedding belongs to. */
export function spaceOf({ model, vector }: Embedding): Space {
  return { model, dimensions: vector.length };
}

export function isSameSpace(one: Space, other: Space): boolean {
  return one.model === other.model && one.dimensions === other.dimensions;
}

/** Throws `TransientError` when a vector has not the length of its space: it may be a server that is being replaced. */
export function assertLength({ model, dimensions }: Space, vector: Embedding['vector']): void {
  if (vector.length === dimensions) return;
  throw new TransientError(
    `${model} gave a vector of ${vector.length} numbers where its vectors have ${dimensions}; a model that was replaced needs another name`,
  );
}

/**
 * Remembers how long a model's vectors are. What it returns throws `TransientError` for a vector of another length, and
 * for one that holds anything but numbers.
 */
export function vectorCheck(model: string): (vectors: readonly Embedding['vector'][]) => void {
  let dimensions: number | null = null;
  return (vectors) => {
    for (const vector of vectors) {
      dimensions ??= vector.length;
      assertLength({ model, dimensions }, vector);
      if (dimensions === 0 || !vector.every(Number.isFinite)) throw new TransientError(`${model} gave no numbers`);
    }
  };
}

/**
 * The spaces that take these embeddings: those there are, and a new one when none is being built. In an empty memory it
 * is complete at once. Throws `TransientError` when a model's vectors have another length than its space.
 */
export async function spacesFor(
  embeddings: readonly Embedding[],
  spaces: Pick<VectorSpaces, 'live' | 'building' | 'open' | 'complete'>,
): Promise<readonly Space[]> {
  if (embeddings.length === 0) return [];
  const [live, building] = [await spaces.live(), await spaces.building()];
  const known = [live, building].filter((space) => space !== null);
  const fresh = embeddings.find(({ model }) => known.every((space) => space.model !== model));
  const opened = fresh && !building ? spaceOf(fresh) : null;
  const all = opened ? [...known, opened] : known;
  for (const { model, vector } of embeddings) {
    const own = all.filter((space) => space.model === model);
    const [space] = own;
    if (space && own.every(({ dimensions }) => dimensions !== vector.length)) assertLength(space, vector);
  }
  if (opened) {
    await spaces.open(opened);
    await spaces.complete(opened);
  }
  return all;
}

/** Below this the same words mean something else: two models that share a name have a likeness near 0. */
const SAME_MEANING = 0.9;

/**
 * Throws `TransientError` when an embedder does not give a remembered ticket the vector it has in this space. Many
 * servers answer whatever they have loaded to any model name, and a vector does not tell.
 */
export async function assertSpeaks(
  embedder: Embedder,
  space: Space,
  { spaces, textOf }: { readonly spaces: Pick<VectorSpaces, 'sample'>; readonly textOf: TextOf },
): Promise<void> {
  const sample = await spaces.sample(space);
  if (!sample) return;
  const [again] = await embedder.embed([textOf(sample.ticket)]);
  if (!again) throw new TransientError(`${space.model} gave no vector`);
  assertLength(space, again.vector);
  if (cosine(again.vector, sample.vector) >= SAME_MEANING) return;
  throw new TransientError(
    `another model answers as ${space.model} than when its vectors were made; a model that was replaced needs another name`,
  );
}

export interface QueryPorts {
  readonly spaces: Pick<VectorSpaces, 'live' | 'sample'>;
  /** What new tickets are remembered with. */
  readonly embedder: Embedder;
  /** An embedder for the model of a former space; null when it is not to be had any more. */
  readonly embedderFor: (model: string) => Embedder | null;
  readonly textOf?: TextOf;
  /** The live space, where that was asked already. */
  readonly seen?: Space | null;
}

/**
 * Embeds questions with the model of the live space, so that they are answered from it while another is being built.
 * Throws `TransientError` when that model is not to be had, or is not what it was: then keywords have to do. Its `model`
 * is that of the live space as last seen.
 */
export function queryEmbedder({
  spaces,
  embedder,
  embedderFor,
  textOf = wholeText,
  seen = null,
}: QueryPorts): Embedder {
  let live = seen;
  let trusted: { readonly space: Space; readonly embedder: Embedder } | null = null;
  const trustedFor = async (space: Space): Promise<Embedder> => {
    if (trusted && isSameSpace(trusted.space, space)) return trusted.embedder;
    const candidate = space.model === embedder.model ? embedder : embedderFor(space.model);
    if (!candidate) throw new TransientError(`${space.model} is not to be had any more`);
    await assertSpeaks(candidate, space, { spaces, textOf });
    trusted = { space, embedder: candidate };
    return candidate;
  };
  return {
    get model() {
      return live?.model ?? embedder.model;
    },
    embed: async (texts, options) => {
      const space = await spaces.live();
      live = space;
      if (!space) throw new TransientError('past tickets have no vectors yet');
      const embeddings = await (await trustedFor(space)).embed(texts, options);
      for (const { vector } of embeddings) assertLength(space, vector);
      return embeddings;
    },
  };
}

/** 0 when one of them has no direction. */
export function cosine(one: Embedding['vector'], other: Embedding['vector']): number {
  let dot = 0;
  let lengths = 0;
  let otherLengths = 0;
  for (const [index, value] of one.entries()) {
    const another = other[index] ?? 0;
    dot += value * another;
    lengths += value * value;
    otherLengths += another * another;
  }
  return lengths === 0 || otherLengths === 0 ? 0 : dot / Math.sqrt(lengths * otherLengths);
}
