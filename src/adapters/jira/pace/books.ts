import type { PauseScope } from '../../../domain/errors.ts';

/** What a request asks of the books. */
export interface Ask {
  /** Method and path, ids taken out. */
  readonly endpoint: string;
  /** Requests a second that we may send there. */
  readonly perSecond: number;
  /** The issue it writes to; null when it writes to none. */
  readonly issue: string | null;
  /** The longest it would wait, a whole number, at most a minute. */
  readonly maxWaitMs: number;
  /** It has waited for its turn, and asks only whether Jira asked for a pause meanwhile. */
  readonly isDue: boolean;
}

export interface Turn {
  /** How long until its turn, which is taken unless that is longer than it would wait. */
  readonly waitMs: number;
  /** What it has to wait for. */
  readonly scope: PauseScope;
}

/** What an answer of Jira says about the requests to come. `what` is a name of `books.ts`: everything, an endpoint, an issue. */
export type Verdict =
  /** Leave it alone for so long, and come back slowly. */
  | { readonly kind: 'pause'; readonly what: string; readonly pauseMs: number }
  /** For now no more than this share of its full speed, 0 to 1. */
  | { readonly kind: 'ease'; readonly what: string; readonly share: number };

/**
 * Where the requests to one site are booked: by a process for itself, or by all replicas together. Times are those of
 * the books' own clock. May throw `TransientError` when the books are elsewhere.
 */
export interface Books {
  /** The next free turn of each request, in their order. */
  book(asks: readonly Ask[]): Promise<readonly Turn[]>;
  heed(verdict: Verdict): Promise<void>;
}

/** What a pause of the whole site is about. */
export const EVERYTHING = 'everything';

/** How an issue is called among endpoints. */
export function issueNamed(issue: string): string {
  return `issue ${issue}`;
}
