import type { Decision, PassedOver } from './decision.ts';
import type { Outcome } from './outcome.ts';

/** Where a delivery came in. */
export type Door = 'webhook' | 'automation' | 'admin' | 'sweep';

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
    | {
        readonly kind: 'do';
        readonly intent: Intent;
        readonly isForced: boolean;
        /** Even people's values may be replaced; absent: never. */
        readonly overridesHumans?: boolean;
        /** One of many that nobody waits for: new tickets go first. */
        readonly isBulk?: boolean;
      }
    | { readonly kind: 'ignore'; readonly reason: string };
  /** Where its trace goes on; absent when it is not traced. */
  readonly trace?: string;
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
  readonly overridesHumans: boolean;
  /** The newest decision already made for this attempt, null before that. */
  readonly decisionId: string | null;
}

/** What happened to one decision in Jira. `superseded`: ticket or playbook had changed, so it was decided again. */
export type WriteState = 'planned' | 'applied' | 'unchanged' | 'dry-run' | 'refused' | 'superseded';

export interface TargetChange {
  readonly before: string | null;
  readonly after: string | null;
}

export interface WriteRecord {
  /** Of a decision, or `undo-…` for an undo. */
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
  /** What was only suggested, by target. */
  readonly suggestions: Readonly<Record<string, string>>;
  /** People who were decided but could not be assigned any more. */
  readonly passedOver: readonly PassedOver[];
  /** The write that this one takes back; null for a decision's own. */
  readonly undoes: string | null;
}

/** A write as the ledger knows it. */
export interface StoredWrite extends WriteRecord {
  readonly at: string;
  /** The write that took this one back; null while it stands. */
  readonly undoneBy: string | null;
}

/** Something a person made the service do, for whoever asks later. */
export interface AuditEntry {
  readonly at: string;
  /** Who asked, as far as we know. */
  readonly actor: string;
  /** For example `undo`, `override-humans`, `release-brake`. */
  readonly action: string;
  readonly detail: string;
}

/** Everything the ledger knows about one issue, oldest first. */
export interface Story {
  readonly deliveries: readonly StoryDelivery[];
  readonly decisions: readonly Decision[];
  readonly writes: readonly StoredWrite[];
  readonly outcomes: readonly Outcome[];
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
