import type { Decision } from '../decision/decision.ts';
import type {
  AuditEntry,
  Delivery,
  DeliveryEnd,
  OpenDelivery,
  Receipt,
  StoredWrite,
  Story,
  WriteRecord,
} from '../decision/delivery.ts';
import type { GroupQuality, Outcome, OverrideRate } from '../decision/outcome.ts';
import type { UndoTask } from '../decision/undo.ts';
import type { Brake } from '../playbook/brake.ts';
import type { Arrival, ArrivalQuery, Burst, JoinedBurst, KnownArrival } from '../ticket/burst.ts';
import type { DeadLetterLedger } from './dead-letters.ts';
import type { PulseLedger } from './pulse.ts';
import type { SweepLedger } from './sweep.ts';

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

/** What a decision for a delivery would go by. */
export interface DecisionInput {
  readonly deliveryId: string;
  readonly issueId: string;
  readonly revision: string;
  readonly inputHash: string;
}

/** What makes deciding for a delivery needless; null: nothing of the kind. */
export interface Precedents {
  /** Id of a decision on the same input by the same playbook revision, made for another delivery that did not fail. */
  readonly decision: string | null;
  /**
   * Id of another delivery that told of the same new issue first, by webhook where this one is of a sweep or the other way
   * round, and is open or triaged. Of two such deliveries at most one is told that it comes second.
   */
  readonly delivery: string | null;
}

/** Deliveries, decisions, writes, bursts, outcomes. Every method may throw `TransientError`. */
export interface Ledger
  extends BurstLedger,
    OutcomeLedger,
    TurnLedger,
    AuditLedger,
    SweepLedger,
    PulseLedger,
    DeadLetterLedger {
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
  precedents(input: DecisionInput): Promise<Precedents>;
  /** The newest decision on an issue that was neither superseded nor refused, with its write. */
  lastWord(issueId: string): Promise<{ readonly decision: Decision; readonly write: StoredWrite | null } | null>;
  write(decisionId: string): Promise<StoredWrite | null>;
  /**
   * Claims the issue of a decision for its write: plans an empty one where there is none yet. Null when the decision is
   * not known. Throws `TransientError` while another decision's write on this issue is planned.
   */
  claimWrite(decisionId: string): Promise<{ readonly decision: Decision; readonly write: StoredWrite } | null>;
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
