import { assertLength, isSameSpace } from '../../domain/ticket/embedding.ts';
import type { Embedding, PastTicket } from '../../domain/ticket/issue.ts';
import type { Embeddable, Space, VectorSpaces } from '../../domain/ticket/space.ts';

type Words = Pick<PastTicket, 'id' | 'summary' | 'text' | 'people'>;

interface Stored {
  readonly version: string;
  readonly vector: Embedding['vector'];
}

interface Kept {
  readonly space: Space;
  readonly vectors: Map<string, Stored>;
}

const PAGE = 64;

/** Vectors of past tickets in this process alone. */
export class ProcessSpaces implements VectorSpaces {
  readonly #tickets: () => Iterable<Words>;
  readonly #find: (id: string) => Words | undefined;
  #live: Kept | null = null;
  #building: Kept | null = null;

  constructor(tickets: () => Iterable<Words>, find: (id: string) => Words | undefined) {
    this.#tickets = tickets;
    this.#find = find;
  }

  async live(): Promise<Space | null> {
    return this.#live?.space ?? null;
  }

  async building(): Promise<Space | null> {
    return this.#building?.space ?? null;
  }

  async open(space: Space): Promise<void> {
    if (this.#building && isSameSpace(this.#building.space, space)) return;
    const isLive = this.#live !== null && isSameSpace(this.#live.space, space);
    this.#building = isLive ? null : { space, vectors: new Map() };
  }

  async *missing(space: Space): AsyncGenerator<readonly Embeddable[]> {
    const gaps = this.#gaps(space);
    for (let start = 0; start < gaps.length; start += PAGE) yield gaps.slice(start, start + PAGE);
  }

  async store(space: Space, vectors: Parameters<VectorSpaces['store']>[1]): Promise<void> {
    for (const { vector } of vectors) assertLength(space, vector);
    const kept = this.#kept(space);
    for (const { ticket, vector } of vectors) {
      const known = this.#find(ticket.id);
      if (known && versionOf(known) === ticket.version)
        kept?.vectors.set(ticket.id, { version: ticket.version, vector });
    }
  }

  async complete(space: Space): Promise<boolean> {
    const kept = this.#kept(space);
    if (!kept || this.#gaps(space).length > 0) return false;
    if (kept === this.#building) this.#building = null;
    this.#live = kept;
    return true;
  }

  async sample(space: Space): ReturnType<VectorSpaces['sample']> {
    for (const ticket of this.#tickets()) {
      const vector = this.vectorOf(ticket, space);
      if (vector) return { ticket: embeddable(ticket), vector };
    }
    return null;
  }

  forget(id: string): void {
    this.#live?.vectors.delete(id);
    this.#building?.vectors.delete(id);
  }

  /** A ticket's vector of its present words, from the live space unless told otherwise. */
  vectorOf(ticket: Words, space: Space | null = this.#live?.space ?? null): Embedding['vector'] | null {
    const stored = space && this.#kept(space)?.vectors.get(ticket.id);
    return stored && stored.version === versionOf(ticket) ? stored.vector : null;
  }

  #kept(space: Space): Kept | null {
    if (this.#live && isSameSpace(this.#live.space, space)) return this.#live;
    return this.#building && isSameSpace(this.#building.space, space) ? this.#building : null;
  }

  #gaps(space: Space): readonly Embeddable[] {
    return [...this.#tickets()].filter((ticket) => this.vectorOf(ticket, space) === null).map(embeddable);
  }
}

/** What `store` and `vectorOf` compare; here the words themselves. */
export function versionOf({ summary, text }: Pick<Words, 'summary' | 'text'>): string {
  return `${summary}\n${text}`;
}

function embeddable(ticket: Words): Embeddable {
  const { id, summary, text, people } = ticket;
  return { id, summary, text, people, version: versionOf(ticket) };
}
