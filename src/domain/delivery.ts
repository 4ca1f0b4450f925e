import type { Decision } from './decision.ts';

/** Where a delivery came in. */
export type Door = 'webhook' | 'automation' | 'admin';

/** What a delivery asks for. */
export type Intent = 'triage' | 'learn' | 'forget';

/** Something that reached us and must end as triaged, learned, ignored(why) or failed(why). */
export interface Delivery {
  readonly site: string;
  readonly door: Door;
  /** `X-Atlassian-Webhook-Identifier`; not signed, so never trusted alone. */
  readonly identifier: string | null;
  /** SHA-256 (hex) of the signed body. */
  readonly contentHash: string;
  readonly event: string;
  readonly issueId: string | null;
  readonly issueKey: string | null;
  /** What is to be done, or why nothing is. */
  readonly plan:
    | { readonly kind: 'do'; readonly intent: Intent; readonly isForced: boolean }
    | { readonly kind: 'ignore'; readonly reason: string };
}

/**
 * What the inbox says of a delivery. `new`: first seen. `again`: seen before but not finished, or failed; run it under
 * the returned attempt. `done`: finished before, nothing to do. `ignored`: recorded with its reason.
 */
export interface Receipt {
  readonly id: string;
  readonly status: 'new' | 'again' | 'done' | 'ignored';
  readonly attempt: number;
}

export type DeliveryEnd =
  | { readonly state: 'triaged' | 'learned' | 'forgotten' }
  | { readonly state: 'ignored' | 'failed'; readonly reason: string };

/** A delivery that was accepted and has not ended. */
export interface OpenDelivery {
  readonly id: string;
  readonly attempt: number;
  readonly issueId: string;
  readonly intent: Intent;
  readonly isForced: boolean;
  /** The decision already made for this attempt, null before that. */
  readonly decisionId: string | null;
}

/** What happened to one decision in Jira. */
export type WriteState = 'planned' | 'applied' | 'unchanged' | 'dry-run' | 'refused';

export interface TargetChange {
  readonly before: string | null;
  readonly after: string | null;
}

export interface WriteRecord {
  readonly decisionId: string;
  readonly issueId: string;
  readonly issueKey: string;
  readonly state: WriteState;
  /** Why it was refused; null otherwise. */
  readonly reason: string | null;
  /** Before and after per target that the edit touches. */
  readonly changes: Readonly<Record<string, TargetChange>>;
  /** Targets left alone, with why (`human-set`, `same`, `not-editable`, …). */
  readonly heldBack: Readonly<Record<string, string>>;
}

/** Everything the ledger knows about one issue, oldest first. */
export interface Story {
  readonly deliveries: readonly StoryDelivery[];
  readonly decisions: readonly Decision[];
  readonly writes: readonly (WriteRecord & { readonly at: string })[];
}

export interface StoryDelivery {
  readonly id: string;
  readonly door: string;
  readonly event: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly receivedAt: string;
  readonly settledAt: string | null;
}
