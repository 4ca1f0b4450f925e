import { TransientError } from '../../src/domain/errors.ts';
import type { Embedding, PastTicket } from '../../src/domain/ticket/issue.ts';
import type { Embeddable, NewVector, Space, VectorSpaces } from '../../src/domain/ticket/space.ts';

interface Kept {
  readonly space: Space;
  isLive: boolean;
  readonly vectors: Map<string, { readonly words: string; readonly vector: readonly number[] }>;
}

export interface SpacesFake extends VectorSpaces {
  /** Opens a space for the first vector of an unknown model unless one is being built; refuses other lengths. */
  offer(embeddings: readonly Embedding[]): Promise<void>;
  keep(ticket: PastTicket, embedding: Embedding): void;
  drop(ids: readonly string[]): void;
  liveVector(ticket: PastTicket): readonly number[] | null;
}

/** Small, so that a few tickets already make several pages. */
const PAGE = 3;

/** Spaces in a list, searched from its beginning each time. */
export function spacesFake(tickets: () => readonly PastTicket[]): SpacesFake {
  let all: Kept[] = [];
  const find = (space: Space) => all.find((kept) => isEqual(kept.space, space));
  const vectorIn = (kept: Kept | undefined, ticket: PastTicket) => {
    const stored = kept?.vectors.get(ticket.id);
    return stored?.words === wordsOf(ticket) ? stored.vector : null;
  };
  const gaps = (space: Space) => tickets().filter((ticket) => vectorIn(find(space), ticket) === null);
  const spaceWhere = (isLive: boolean) => all.find((kept) => kept.isLive === isLive)?.space ?? null;
  const fake: SpacesFake = {
    live: async () => spaceWhere(true),
    building: async () => spaceWhere(false),
    open: async (space) => {
      all = all.filter((kept) => kept.isLive || isEqual(kept.space, space));
      if (!find(space)) all.push({ space, isLive: false, vectors: new Map() });
    },
    missing: async function* (space) {
      const missing = gaps(space).map(embeddable);
      for (let start = 0; start < missing.length; start += PAGE) yield missing.slice(start, start + PAGE);
    },
    store: async (space, vectors) => {
      for (const { vector } of vectors) {
        if (vector.length !== space.dimensions) throw wrongLength(space, vector.length);
      }
      for (const one of vectors) storeOne(find(space), one);
    },
    complete: async (space) => {
      const kept = find(space);
      if (!kept || gaps(space).length > 0) return false;
      if (!kept.isLive) all = [kept];
      kept.isLive = true;
      return true;
    },
    sample: async (space) => {
      const ticket = tickets().find((candidate) => vectorIn(find(space), candidate) !== null);
      const vector = ticket && vectorIn(find(space), ticket);
      return ticket && vector ? { ticket: embeddable(ticket), vector } : null;
    },
    offer: async (embeddings) => {
      const unknown = embeddings.find(({ model }) => all.every(({ space }) => space.model !== model));
      const fresh = unknown && spaceWhere(false) === null ? sizeOf(unknown) : null;
      for (const embedding of embeddings) {
        const own = [...all.map(({ space }) => space), ...(fresh ? [fresh] : [])].filter(
          ({ model }) => model === embedding.model,
        );
        if (own[0] && !own.some((space) => isEqual(space, sizeOf(embedding))))
          throw wrongLength(own[0], embedding.vector.length);
      }
      if (!fresh) return;
      await fake.open(fresh);
      await fake.complete(fresh);
    },
    keep: (ticket, embedding) =>
      storeOne(find(sizeOf(embedding)), { ticket: embeddable(ticket), vector: embedding.vector }),
    drop: (ids) => {
      for (const { vectors } of all) for (const id of ids) vectors.delete(id);
    },
    liveVector: (ticket) =>
      vectorIn(
        all.find(({ isLive }) => isLive),
        ticket,
      ),
  };
  const storeOne = (kept: Kept | undefined, { ticket, vector }: NewVector) => {
    const known = tickets().find(({ id }) => id === ticket.id);
    if (known && wordsOf(known) === ticket.version) kept?.vectors.set(ticket.id, { words: ticket.version, vector });
  };
  return fake;
}

function wrongLength({ dimensions }: Space, length: number): TransientError {
  return new TransientError(`a vector of ${length} numbers for a space of ${dimensions}`);
}

function embeddable(ticket: PastTicket): Embeddable {
  const { id, summary, text, people } = ticket;
  return { id, summary, text, people, version: wordsOf(ticket) };
}

function wordsOf({ summary, text }: PastTicket): string {
  return JSON.stringify([summary, text]);
}

export function sizeOf({ model, vector }: Embedding): Space {
  return { model, dimensions: vector.length };
}

export function isEqual(one: Space | null, other: Space): boolean {
  return one?.model === other.model && one.dimensions === other.dimensions;
}
