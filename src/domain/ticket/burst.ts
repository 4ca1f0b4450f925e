/** A ticket's words, hashed: terms ascend and are unique, `weights[i]` belongs to `terms[i]`. Empty for no words. */
export interface Sketch {
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
}

/** A ticket that came in, as little of it as tells which other tickets are like it. */
export interface Arrival {
  readonly issueId: string;
  readonly issueKey: string;
  readonly project: string;
  /** When the ticket was created. */
  readonly at: string;
  readonly sketch: Sketch;
}

/** An arrival as the ledger knows it. */
export interface KnownArrival extends Arrival {
  readonly burstId: string | null;
}

/** Which arrivals are asked for. */
export interface ArrivalQuery {
  readonly project: string;
  /** From and until when, both included. */
  readonly from: string;
  readonly until: string;
  /** Leave out the members of bursts; the answer may be a moment old. */
  readonly isOrdinary: boolean;
  readonly limit: number;
}

/** Similar tickets that came in together: possibly one major incident. A ticket is in one burst at most. */
export interface Burst {
  readonly id: string;
  readonly project: string;
  /** When the first and the last of its tickets were created. */
  readonly openedAt: string;
  readonly lastAt: string;
  /** Issue keys, in the order in which the tickets were created. */
  readonly members: readonly string[];
}

/** The burst that tickets joined: how many it has now, and whether it was opened for them. */
export interface JoinedBurst {
  readonly id: string;
  readonly members: number;
  readonly isNew: boolean;
}
