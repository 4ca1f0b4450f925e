import { setImmediate as breathe } from 'node:timers/promises';
import { TransientError } from '../domain/errors.ts';
import type { Embedder } from '../domain/ports/model.ts';
import { assertSpeaks, type TextOf, wholeText } from '../domain/ticket/embedding.ts';
import type { NewVector, Space, VectorSpaces } from '../domain/ticket/space.ts';

export interface BuildPorts {
  readonly spaces: VectorSpaces;
  readonly embedder: Embedder;
  readonly textOf?: TextOf;
}

export interface BuildOptions {
  readonly signal?: AbortSignal;
  /** Stop after the page during which this time is up; the next run goes on. */
  readonly budgetMs?: number;
  /** How many vectors there are so far. */
  readonly onProgress?: (embedded: number) => void;
}

export interface Build {
  readonly embedded: number;
  /** Every ticket has a vector of this model, and searches use them. */
  readonly isComplete: boolean;
  /** What stopped it for now; null when nothing did. */
  readonly trouble: string | null;
}

/**
 * Gives every ticket a vector of the embedder's model, in a space beside the one that searches use, and lets it take
 * its place once it is complete. Stopped at any point, the next run goes on from there. When nothing is missing it asks
 * a few small questions and no endpoint.
 */
export async function buildSpace(ports: BuildPorts, options: BuildOptions = {}): Promise<Build> {
  let embedded = 0;
  try {
    const space = await ownSpace(ports);
    await ports.spaces.open(space);
    for await (const vectors of embedMissing(space, ports, options)) {
      await ports.spaces.store(space, vectors);
      embedded += vectors.length;
      options.onProgress?.(embedded);
    }
    return { embedded, isComplete: await ports.spaces.complete(space), trouble: null };
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return { embedded, isComplete: false, trouble: error.message };
  }
}

/** The space of this model that there is; else one as long as the model's vectors are. */
async function ownSpace({ spaces, embedder }: BuildPorts): Promise<Space> {
  const known = [await spaces.building(), await spaces.live()].find((space) => space?.model === embedder.model);
  if (known) return known;
  const [probe] = await embedder.embed(['How long are your vectors?']);
  if (!probe) throw new TransientError(`${embedder.model} gave no vector`);
  return { model: embedder.model, dimensions: probe.vector.length };
}

async function* embedMissing(
  space: Space,
  { spaces, embedder, textOf = wholeText }: BuildPorts,
  { signal, budgetMs = Number.POSITIVE_INFINITY }: BuildOptions,
): AsyncGenerator<readonly NewVector[]> {
  const startedAt = performance.now();
  let isTrusted = false;
  for await (const tickets of spaces.missing(space)) {
    if (!isTrusted) await assertSpeaks(embedder, space, { spaces, textOf });
    isTrusted = true;
    const embeddings = await embedder.embed(tickets.map(textOf), signal && { signal });
    yield tickets.flatMap((ticket, index) => {
      const vector = embeddings[index]?.vector;
      return vector ? [{ ticket, vector }] : [];
    });
    if (signal?.aborted || performance.now() - startedAt > budgetMs) return;
    await breathe();
  }
}
