/**
 * One field's change as Jira's changelog tells it. `from`/`to` are display strings, for the assignee account ids; for
 * labels the whole set, joined by spaces.
 */
export interface FieldChange {
  readonly fieldId: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly by: string;
  readonly at: string;
}

/** What Jira lets us write to a field on this issue, `allowed` being null when any value of the type goes. */
export interface EditableField {
  readonly allowed: readonly string[] | null;
}

/** The issue property that rides in every edit; readable by anyone who sees the issue, so no text and no secrets. */
export interface Provenance {
  readonly decisionId: string;
  readonly revision: string;
  readonly at: string;
  /** The values we wrote, by target name. */
  readonly values: Readonly<Record<string, string>>;
  /** What we only suggested, by target name. */
  readonly suggested?: Readonly<Record<string, string>>;
}

export interface Person {
  readonly accountId: string;
  readonly displayName: string;
}

/** A Jira ticket, normalised. Times are ISO 8601 in UTC; `text` is plain text whatever markup Jira held. */
export interface Issue {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly issueType: string;
  readonly summary: string;
  readonly text: string;
  readonly reporter: Person | null;
  readonly labels: readonly string[];
  readonly components: readonly string[];
  readonly priority: string | null;
  readonly assignee: string | null;
  readonly status: string;
  readonly isFinished: boolean;
  readonly created: string;
  readonly updated: string;
  readonly resolved: string | null;
  readonly resolution: string | null;
  readonly securityLevel: string | null;
  /** Name of the request type in Jira Service Management; null elsewhere. */
  readonly requestType: string | null;
  /** Names of the customer's organisations in Jira Service Management. */
  readonly organizations: readonly string[];
  /** Raw custom fields by id (`customfield_…`). */
  readonly custom: Readonly<Record<string, unknown>>;
  /** Fields this account may edit now, by field id. */
  readonly editable: ReadonlyMap<string, EditableField>;
  /** Newest first. */
  readonly changes: readonly FieldChange[];
  /** Names of the people in Jira's own user fields, as they may occur in the text. */
  readonly people: readonly string[];
  /** False when Jira told only the newest changes. */
  readonly isHistoryWhole: boolean;
  /** What our last edit left in the issue property, null when we never edited it. */
  readonly mark: Provenance | null;
}

/** A finished ticket as memory keeps it. */
export interface PastTicket {
  readonly id: string;
  readonly key: string;
  readonly project: string;
  readonly summary: string;
  readonly text: string;
  readonly created: string;
  readonly securityLevel: string | null;
  /** How it was finished, for example Done or Duplicate. */
  readonly resolution: string | null;
  /** What the ticket had beyond text when it was new, by feature name; what was changed later is left out. */
  readonly context: Readonly<Record<string, string>>;
  /** Names of the people in Jira's own user fields, as they may occur in the text. */
  readonly people: readonly string[];
  /** The truth per target name, and whether a person stood behind it. */
  readonly values: Readonly<Record<string, TrueValue>>;
  readonly embedding: Embedding | null;
  /**
   * We decided on it and it was not in the control group: which of its values people stand behind depends on what we
   * did, so it teaches, but nothing is measured on it.
   */
  readonly isTreated?: boolean;
}

/** Oldest first; at the same time by id, so that the order never depends on how tickets arrived. */
export function olderFirst(one: Pick<PastTicket, 'created' | 'id'>, other: Pick<PastTicket, 'created' | 'id'>): number {
  if (one.created !== other.created) return one.created < other.created ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

export interface TrueValue {
  readonly value: string;
  /** `machine`: we wrote it and nobody touched it, so it is weak and never counts as truth in evaluation. */
  readonly by: 'human' | 'machine';
  /** The value that we had written and a person replaced by this one; absent where nobody corrected us. */
  readonly insteadOf?: string;
}

/** A dense vector and the model that made it; vectors of different models are never compared. */
export interface Embedding {
  readonly model: string;
  readonly vector: readonly number[];
}
