import type { Embedding, PastTicket } from './issue.ts';

/**
 * The vectors that one model made of past tickets. They have one length, and are compared with vectors of the same model
 * and length alone.
 */
export interface Space {
  readonly model: string;
  readonly dimensions: number;
}

/**
 * The spaces of a memory: at most one that searches use, and at most one that is built beside it. Every method may throw
 * `TransientError`.
 */
export interface VectorSpaces {
  /** The space that searches use; null before the first is complete. */
  live(): Promise<Space | null>;
  /** The space that is to take its place; null when there is none. */
  building(): Promise<Space | null>;
  /** Begins a space, or goes on with it. Any other that is being built is given up; the live one stays. */
  open(space: Space): Promise<void>;
  /** Tickets that have no vector of their present words in this space, in small pages. */
  missing(space: Space): AsyncIterable<readonly Embeddable[]>;
  /**
   * Keeps vectors of tickets whose words are still the same, in a space that is live or being built. Throws
   * `TransientError` when a vector has another length than the space.
   */
  store(space: Space, vectors: readonly NewVector[]): Promise<void>;
  /**
   * Makes this space the live one and drops the former, unless some ticket has no vector in it yet or it was given up.
   * Tells whether it is live and complete now.
   */
  complete(space: Space): Promise<boolean>;
  /** A ticket with its vector in this space, to tell whether an embedder still means the same; null when it is empty. */
  sample(space: Space): Promise<NewVector | null>;
}

/** What of a ticket is embedded. `version` changes with its words. */
export interface Embeddable extends Pick<PastTicket, 'id' | 'summary' | 'text' | 'people'> {
  readonly version: string;
}

export interface NewVector {
  readonly ticket: Embeddable;
  readonly vector: Embedding['vector'];
}
