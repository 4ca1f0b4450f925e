import type { FieldEdit } from '../playbook/target.ts';
import type { Issue, Person, Provenance } from '../ticket/issue.ts';

/** Jira. Every method may throw `TransientError`, `RateLimitedError` or `PermanentError` (credentials, permission). */
export interface Tracker {
  /** The account we act as. */
  myself(): Promise<Person>;
  /**
   * The issue as it is now, read from the source and not from a search index; null when gone or not visible to us. A
   * brief look leaves `editable` empty, which costs Jira and us half as much.
   */
  issue(idOrKey: string, look?: 'whole' | 'brief'): Promise<Issue | null>;
  /**
   * Whether this account may be assigned on this issue right now; given an age in milliseconds, whether it could be on
   * some issue of its project so long ago at most.
   */
  isAssignable(issueKey: string, accountId: string, maxAgeMs?: number): Promise<boolean>;
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
  /**
   * The same, with little of each issue. `fresh`: up to 50 ids, the same on every page, that are looked at past the lag of
   * Jira's search index.
   */
  glimpse(query: GlimpseQuery, page: string | null): Promise<GlimpsePage>;
  /** What Jira's own clock says, as an ISO time; what it tells of issues is by this clock. */
  serverTime(): Promise<string>;
  /** Roughly how many issues match. */
  count(jql: string): Promise<number>;
  /** A user by account id; null when Jira knows none. */
  person(accountId: string): Promise<(Person & { readonly isActive: boolean }) | null>;
  /** Account id of the one who leads a component; null without a lead or component. */
  componentLead(project: string, component: string): Promise<string | null>;
  /** Names of all fields of the site by id. */
  fields(): Promise<ReadonlyMap<string, string>>;
  /**
   * Where at most 100 issues are now, by id; those that are gone or not visible to us are missing, and null are those that
   * Jira could not look up just now, which says nothing about whether they are there.
   */
  whereabouts(ids: readonly string[]): Promise<ReadonlyMap<string, Whereabouts | null>>;
}

export interface GlimpseQuery {
  readonly jql: string;
  readonly fresh: readonly string[];
}

export interface GlimpsePage {
  readonly issues: readonly Glimpse[];
  readonly next: string | null;
}

export type Glimpse = Pick<Issue, 'id' | 'key' | 'project' | 'created' | 'updated' | 'isFinished' | 'mark'>;

export type Whereabouts = Pick<Issue, 'project' | 'securityLevel'>;

export interface MarkedEdit extends FieldEdit {
  readonly mark: Provenance;
  readonly notifyUsers: boolean;
  /** Asked right before it is sent, however long it had to wait for its turn; throws to keep it from being sent. */
  readonly goAhead?: () => Promise<void>;
}

export type EditResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'dry-run' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reason: string };
