import type { Brake } from './brake.ts';
import type { Arrival, ArrivalQuery, Burst, JoinedBurst, KnownArrival } from './burst.ts';
import type { Decision } from './decision.ts';
import type {
  AuditEntry,
  Delivery,
  DeliveryEnd,
  OpenDelivery,
  Receipt,
  StoredWrite,
  Story,
  WriteRecord,
} from './delivery.ts';
import type { Embedding, Issue, PastTicket, Person, Provenance, TrueValue } from './issue.ts';
import type { GroupQuality, Outcome, OverrideRate } from './outcome.ts';
import type { BookEntry, BookedReply, Cost, EndpointName, Question, Reply } from './question.ts';
import type { VectorSpaces } from './space.ts';
import type { FieldEdit } from './target.ts';
import type { UndoTask } from './undo.ts';

/** Jira. Every method may throw `TransientError`, `RateLimitedError` or `PermanentError` (credentials, permission). */
export interface Tracker {
  /** The account we act as. */
  myself(): Promise<Person>;
  /** The issue as it is now, read from the source and not from a search index; null when gone or not visible to us. */
  issue(idOrKey: string): Promise<Issue | null>;
  /** Whether this account may be assigned on this issue right now. */
  isAssignable(issueKey: string, accountId: string): Promise<boolean>;
  /** Makes one edit, marked with the decision behind it. Refusals by Jira are values, not errors. */
  edit(issueId: string, edit: MarkedEdit): Promise<EditResult>;
  /**
   * Our one note on the issue, which only agents see: added, or changed in place where we already wrote one; nothing is
   * sent when it says exactly this. Never public.
   */
  putInternalNote(issueId: string, paragraphs: readonly string[]): Promise<EditResult>;
  /** One page of issues matching a JQL query; `next` is null on the last page. */
  search(
    jql: string,
    page: string | null,
  ): Promise<{ readonly issues: readonly Issue[]; readonly next: string | null }>;
  /** Roughly how many issues match. */
  count(jql: string): Promise<number>;
  /** A user by account id; null when Jira knows none. */
  person(accountId: string): Promise<(Person & { readonly isActive: boolean }) | null>;
  /** Account id of the one who leads a component; null without a lead or component. */
  componentLead(project: string, component: string): Promise<string | null>;
  /** Names of all fields of the site by id. */
  fields(): Promise<ReadonlyMap<string, string>>;
  /** Where at most 100 issues are now, by id; those that are gone or not visible to us are missing. */
  whereabouts(ids: readonly string[]): Promise<ReadonlyMap<string, Whereabouts>>;
}

export type Whereabouts = Pick<Issue, 'project' | 'securityLevel'>;

export interface MarkedEdit extends FieldEdit {
  readonly mark: Provenance;
  readonly notifyUsers: boolean;
}

export type EditResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'dry-run' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reason: string };

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
  readonly created: string;
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

/** Trained local classifiers, shared by all replicas. Every method may throw `TransientError`. */
export interface ModelStore {
  /** Version and time of the newest stored model, null before the first. Cheap. */
  newest(): Promise<{ readonly version: string; readonly storedAt: string } | null>;
  /** The bytes of a model as they were saved, null when it is gone. */
  load(version: string): Promise<Uint8Array | null>;
  /** Stores a model as the newest and drops all but the last three. */
  save(version: string, bytes: Uint8Array): Promise<void>;
}

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

/** What came in, and the bursts in it. Every method may throw `TransientError`. */
export interface BurstLedger {
  /** Records that a ticket came in, once per issue: recorded again it takes the new place of the old record. */
  recordArrival(arrival: Arrival): Promise<void>;
  /** The arrivals asked for, newest first. */
  arrivals(query: ArrivalQuery): Promise<readonly KnownArrival[]>;
  /**
   * Unites recorded tickets of a project: they join the oldest burst of the project that one of them is in, else a new
   * one; who is in another burst stays there. Callers at the same time with a ticket in common end in one burst.
   */
  joinBurst(tickets: { readonly project: string; readonly issueIds: readonly string[] }): Promise<JoinedBurst>;
  /** The newest bursts first. */
  bursts(limit: number): Promise<readonly Burst[]>;
}

/** What people made of our decisions, and what follows from it. Every method may throw `TransientError`. */
export interface OutcomeLedger {
  /** Replaces what is known of these decisions' targets. */
  recordOutcomes(outcomes: readonly Outcome[]): Promise<void>;
  /** How written values fared that were judged since then, by class and revision. */
  overrideRates(since: string): Promise<readonly OverrideRate[]>;
  /** Values of ours that people replaced by their own since then, newest first. */
  overridden(since: string): Promise<readonly Outcome[]>;
  /** How finished tickets fared that were judged since then, with and without us. */
  groupQuality(since: string): Promise<readonly GroupQuality[]>;
  /** Puts a brake on; false when the same target and value has one already. */
  pullBrake(brake: Brake): Promise<boolean>;
  /** Brakes that are on, oldest first. */
  brakes(): Promise<readonly Brake[]>;
  /** Takes a brake off; null when it is not on. */
  releaseBrake(id: string, by: string): Promise<Brake | null>;
  /** What was decided between two ISO times. */
  decided(from: string, to: string): Promise<DecidedShape>;
}

/** Decisions of a time in numbers. */
export interface DecidedShape {
  readonly decisions: number;
  /** Mean share of words never seen; null without a classifier. */
  readonly unknownWords: number | null;
  /** By target: how many were about it, how many abstained, and how often each value was decided or would have been. */
  readonly targets: Readonly<
    Record<
      string,
      { readonly decisions: number; readonly abstained: number; readonly values: Readonly<Record<string, number>> }
    >
  >;
}

/** Who is next. Every method may throw `TransientError`. */
export interface TurnLedger {
  /**
   * Of these candidates of a team the one whose last turn is longest ago, in the order given among those who had none;
   * the turn is taken, once per key: asked again with it, the same person is named as long as they are a candidate.
   * Without a key nobody's turn is taken. Fair over restarts and replicas. Throws when there are no candidates.
   */
  nextTurn(turn: {
    readonly team: string;
    readonly candidates: readonly string[];
    readonly key: string | null;
  }): Promise<string>;
}

/** What people made the service do. Every method may throw `TransientError`. */
export interface AuditLedger {
  audit(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  audits(limit: number): Promise<readonly AuditEntry[]>;
}

/** Which writes an undo is about. */
export interface UndoFilter {
  readonly issueKey?: string;
  readonly revision?: string;
  readonly decisionId?: string;
  /** Only writes since this ISO time. */
  readonly since?: string;
}

/** Deliveries, decisions, writes, bursts, outcomes. Every method may throw `TransientError`. */
export interface Ledger extends BurstLedger, OutcomeLedger, TurnLedger, AuditLedger {
  /** Records deliveries once each, by site + identifier and by site + signed content; answers in the same order. */
  receive(deliveries: readonly Delivery[]): Promise<readonly Receipt[]>;
  /** Ends a delivery. The first end of an attempt stands. */
  settle(deliveryId: string, attempt: number, end: DeliveryEnd): Promise<void>;
  /**
   * Accepted deliveries older than this that have not ended, the oldest first. Given a grace, without those whose newest
   * decision has not waited so long, and as long as this again.
   */
  openDeliveries(olderThanMs: number, limit: number, graceMs?: number): Promise<readonly OpenDelivery[]>;
  /** How many deliveries are in each state. */
  deliveryCounts(): Promise<Readonly<Record<string, number>>>;
  /** Stores a decision; when this delivery attempt already has one, that one is returned and stands. */
  recordDecision(decision: Decision): Promise<Decision>;
  decision(id: string): Promise<Decision | null>;
  /** Id of a decision on the same input by the same playbook revision, made for another delivery that did not fail. */
  sameDecision(input: {
    issueId: string;
    revision: string;
    inputHash: string;
    exceptDelivery: string;
  }): Promise<string | null>;
  /** The newest decision on an issue that was neither superseded nor refused, with its write. */
  lastWord(issueId: string): Promise<{ readonly decision: Decision; readonly write: StoredWrite | null } | null>;
  write(decisionId: string): Promise<StoredWrite | null>;
  /**
   * Stores a write by decision id and returns what stands: a finished write is never overwritten. Throws
   * `TransientError` while another decision's write on this issue is planned. An applied undo marks what it undoes,
   * unless it left something of it for later.
   */
  recordWrite(record: WriteRecord): Promise<WriteRecord>;
  /**
   * Applied writes that changed something and were not undone, newest first; undos only where one is asked for by
   * its own id.
   */
  undoable(filter: UndoFilter): Promise<readonly StoredWrite[]>;
  /** Undos that were begun longer ago than this and have not ended, the oldest first. */
  openUndos(olderThanMs: number, limit: number): Promise<readonly UndoTask[]>;
  story(issueKey: string): Promise<Story>;
  /** A small named state, for example how far a backfill came. */
  cursor(name: string): Promise<string | null>;
  setCursor(name: string, value: string | null): Promise<void>;
  /**
   * Deletes settled deliveries, decisions with their writes, arrivals and bursts older than this. Returns how many rows
   * went.
   */
  trim(olderThanDays: number): Promise<number>;
  /** Throws when the ledger cannot be reached. */
  ping(): Promise<void>;
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
