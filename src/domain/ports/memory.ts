import type { Embedding, PastTicket, TrueValue } from '../ticket/issue.ts';
import type { VectorSpaces } from '../ticket/space.ts';
import type { Whereabouts } from './tracker.ts';

/** Past tickets. */
export interface Memory {
  /**
   * Stores or replaces tickets by id. Running it twice changes nothing. A vector goes into the space of its model, which
   * is opened when none is being built; no space for it: it is left out. Throws `TransientError` when it has another
   * length than the space.
   */
  put(tickets: readonly PastTicket[]): Promise<void>;
  /** Removes tickets with all their vectors; unknown ids are fine. */
  forget(ids: readonly string[]): Promise<void>;
  /**
   * The most similar tickets, best first. Similarity is comparable within one answer only. Vectors are compared when the
   * query's belongs to the live space; otherwise keywords alone count.
   */
  nearest(query: MemoryQuery): Promise<readonly Neighbour[]>;
  size(): Promise<number>;
  /** Reads what the first question would else wait for. */
  warmUp(): Promise<void>;
  /** Every ticket with its text and its vector in the live space, oldest first, in pages. */
  tickets(): AsyncIterable<readonly PastTicket[]>;
  /** Ids of remembered tickets in their own order, after this one; '' begins. */
  ids(after: string, limit: number): Promise<readonly Whereat[]>;
  /** What tickets say, in the order asked for, without those that are not known any more. */
  excerpts(ids: readonly string[]): Promise<readonly Excerpt[]>;
  /** Who finished the newest tickets of a project, newest first; seconds old at most. */
  pastWork(query: PastWorkQuery): Promise<readonly PastWork[]>;
  /** The newest tickets where a person replaced a value of ours, without security level; newest first. */
  corrections(query: CorrectionQuery): Promise<readonly Correction[]>;
  readonly spaces: VectorSpaces;
}

/** What a decision asks of memory. */
export type Recall = Pick<Memory, 'nearest' | 'pastWork' | 'excerpts' | 'corrections'>;

/** Where memory believes a ticket to be. */
export interface Whereat extends Whereabouts {
  readonly id: string;
}

export interface PastWorkQuery {
  readonly project: string;
  /** The target that says who finished a ticket; tickets without it are left out. */
  readonly target: string;
  /** Only tickets created before this ISO time. */
  readonly before: string;
  readonly limit: number;
}

/** Who finished a ticket, and whose it was. */
export interface PastWork extends Pick<TrueValue, 'value' | 'by'> {
  /** When the ticket was created, in milliseconds since 1970: every new ticket looks at hundreds of them. */
  readonly createdMs: number;
  readonly reporter: string | null;
  /** As `contextOf` says them. */
  readonly component: string | null;
}

/** The words of a past ticket, with the names that may occur in them. */
export type Excerpt = Pick<PastTicket, 'id' | 'text' | 'people'>;

export interface CorrectionQuery {
  /** Which targets' corrections count; a ticket with one of them is enough. */
  readonly targets: readonly string[];
  readonly projects: readonly string[];
  /** Only tickets created before this ISO time. */
  readonly before: string;
  readonly limit: number;
}

export type Correction = Omit<PastTicket, 'embedding'>;

export interface MemoryQuery {
  readonly text: string;
  readonly embedding: Embedding | null;
  readonly keywordWeight: number;
  readonly limit: number;
  /** Only tickets of these projects. */
  readonly projects: readonly string[];
  /** Tickets with a security level are evidence only for issues of the same project and the same level. */
  readonly readerProject: string;
  readonly readerLevel: string | null;
  readonly excludeId: string;
  /** Only tickets created before this ISO time. */
  readonly before: string;
}

export interface Neighbour {
  readonly ticket: Omit<PastTicket, 'embedding' | 'text' | 'people'>;
  /** For the order: comparable within one answer only. */
  readonly similarity: number;
  /** 0 to 1: how much the two texts are alike, 1 for a copy; comparable across answers of the same embedder. */
  readonly likeness: number;
}
