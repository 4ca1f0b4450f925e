import type { BookEntry, BookedReply, Cost, EndpointName, Question, Reply } from '../decision/question.ts';
import type { Embedding } from '../ticket/issue.ts';

/** Trained local classifiers, shared by all replicas. Every method may throw `TransientError`. */
export interface ModelStore {
  /** Version and time of the newest stored model, null before the first. Cheap. */
  newest(): Promise<{ readonly version: string; readonly storedAt: string } | null>;
  /** The bytes of a model as they were saved, null when it is gone. */
  load(version: string): Promise<Uint8Array | null>;
  /** Stores a model as the newest and drops all but the last three. */
  save(version: string, bytes: Uint8Array): Promise<void>;
}

/** Text to vectors. */
export interface Embedder {
  /** What its embeddings are stamped with; another name whenever vectors would mean something else. */
  readonly model: string;
  /** One embedding per text, in order, all of one length. Throws `TransientError`, also when it is aborted. */
  embed(texts: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<readonly Embedding[]>;
}

/** A language model at one endpoint, asked for structured answers. */
export interface Model {
  readonly endpoint: EndpointName;
  /** The name of the model that is asked for. */
  readonly model: string;
  /**
   * Asks once and waits no longer than the question's time-out, whatever happens behind. Throws `TransientError` when no
   * reply came; the message says why and never repeats what was sent.
   */
  complete(question: Question): Promise<Reply>;
}

/** What models were asked, what they answered and what was spent. Every method may throw `TransientError`. */
export interface AnswerBook {
  /**
   * The reply to a question that was answered before; else takes what it may cost from the day's budgets, all or
   * nothing: `reserved`, or `spent` when one of them does not hold it.
   */
  claim(claim: Claim): Promise<BookedReply | 'reserved' | 'spent'>;
  /**
   * Adds what a reserved question really cost, less what was reserved (usually negative), and keeps what was sent and
   * answered, if anything was; the first entry under a key stands.
   */
  settle(day: SpendingDay, difference: Cost, entry: BookEntry | null): Promise<void>;
  /** What was sent under a key and what came back, for people; null when it is gone. */
  entry(key: string): Promise<BookEntry | null>;
  /** Spent on a day, in total and by project. */
  spent(day: string): Promise<readonly (Cost & { readonly project: string | null })[]>;
}

export interface Claim {
  readonly key: string;
  readonly day: SpendingDay;
  readonly cost: Cost;
  readonly limits: BudgetLimits;
}

export interface SpendingDay {
  /** In UTC: `2026-11-22`. */
  readonly day: string;
  readonly project: string;
}

/** Infinity: not limited. */
export interface BudgetLimits {
  readonly perDay: Cost;
  readonly perProject: Cost;
}

export interface Clock {
  now(): Date;
}
