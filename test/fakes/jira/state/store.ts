import type { ChangeItem, History, IssueFields, SiteComment, SiteIssue } from '../model.ts';

/** One issue as the site keeps it: `fields` is replaced whole, the rest grows. */
export interface IssueRecord {
  readonly id: string;
  key: string;
  projectKey: string;
  fields: IssueFields;
  readonly histories: History[];
  readonly comments: SiteComment[];
  readonly properties: Map<string, unknown>;
  /** When the search index could first know it; 0 for seeded history. */
  readonly bornAt: number;
  /** Values the search index may still show, oldest first. */
  past: { readonly fields: IssueFields; readonly until: number }[];
}

export interface Store {
  readonly records: Map<string, IssueRecord>;
  /** Every key an issue ever had. */
  readonly keys: Map<string, string>;
  readonly projects: Map<string, Map<string, IssueRecord>>;
  readonly counters: Map<string, number>;
  nextIssueId: number;
  nextHistoryId: number;
  nextCommentId: number;
  version: number;
}

export function openStore(): Store {
  return {
    records: new Map(),
    keys: new Map(),
    projects: new Map(),
    counters: new Map(),
    nextIssueId: 10_001,
    nextHistoryId: 20_001,
    nextCommentId: 30_001,
    version: 0,
  };
}

export function findRecord(store: Store, idOrKey: string): IssueRecord | undefined {
  const byId = store.records.get(idOrKey);
  if (byId) return byId;
  const id = store.keys.get(idOrKey) ?? store.keys.get(idOrKey.toUpperCase());
  return id === undefined ? undefined : store.records.get(id);
}

export interface NewIssue {
  readonly projectKey: string;
  readonly key?: string | undefined;
  readonly fields: IssueFields;
  readonly bornAt: number;
}

export function insertRecord(store: Store, { projectKey, key, fields, bornAt }: NewIssue): IssueRecord {
  const record: IssueRecord = {
    id: String(store.nextIssueId++),
    key: takeKey(store, projectKey, key),
    projectKey,
    fields,
    histories: [],
    comments: [],
    properties: new Map(),
    bornAt,
    past: [],
  };
  store.records.set(record.id, record);
  store.keys.set(record.key, record.id);
  issuesOfProject(store, projectKey).set(record.id, record);
  store.version += 1;
  return record;
}

/** Draws the next free key, or takes the wanted one and counts on from there. */
export function takeKey(store: Store, projectKey: string, wanted?: string): string {
  const counter = store.counters.get(projectKey) ?? 0;
  const number = wanted === undefined ? counter + 1 : Number(wanted.slice(wanted.lastIndexOf('-') + 1));
  const key = wanted ?? `${projectKey}-${number}`;
  if (!Number.isInteger(number) || !key.startsWith(`${projectKey}-`))
    throw new Error(`'${key}' is no key of ${projectKey}`);
  if (store.keys.has(key)) throw new Error(`the key ${key} is taken`);
  store.counters.set(projectKey, Math.max(counter, number));
  return key;
}

export function issuesOfProject(store: Store, projectKey: string): Map<string, IssueRecord> {
  const known = store.projects.get(projectKey) ?? new Map<string, IssueRecord>();
  store.projects.set(projectKey, known);
  return known;
}

/** Puts new values in place and writes the history entry that says so. */
export function commit(
  store: Store,
  record: IssueRecord,
  change: {
    fields: IssueFields;
    items: readonly ChangeItem[];
    author: string;
    at: number;
    keepPastMs: number;
    now: number;
  },
): History {
  keepPast(record, change.now, change.keepPastMs);
  record.fields = { ...change.fields, updated: Math.max(change.at, record.fields.updated) };
  const history = { id: String(store.nextHistoryId++), author: change.author, at: change.at, items: change.items };
  record.histories.push(history);
  store.version += 1;
  return history;
}

/** Bumps `updated` for what is no field change, such as a comment. */
export function touch(store: Store, record: IssueRecord, when: { at: number; keepPastMs: number; now: number }): void {
  keepPast(record, when.now, when.keepPastMs);
  record.fields = { ...record.fields, updated: Math.max(when.at, record.fields.updated) };
  store.version += 1;
}

function keepPast(record: IssueRecord, now: number, keepPastMs: number): void {
  if (keepPastMs <= 0) return;
  record.past = record.past.filter((view) => view.until > now - keepPastMs);
  record.past.push({ fields: record.fields, until: now });
}

export function removeRecord(store: Store, record: IssueRecord): void {
  store.records.delete(record.id);
  issuesOfProject(store, record.projectKey).delete(record.id);
  store.version += 1;
}

export function rekey(store: Store, record: IssueRecord, newKey: string): void {
  const projectKey = newKey.slice(0, newKey.lastIndexOf('-'));
  const key = takeKey(store, projectKey, newKey);
  issuesOfProject(store, record.projectKey).delete(record.id);
  issuesOfProject(store, projectKey).set(record.id, record);
  store.keys.set(key, record.id);
  record.key = key;
  record.projectKey = projectKey;
  store.version += 1;
}

export function snapshot(record: IssueRecord): SiteIssue {
  return {
    ...record.fields,
    id: record.id,
    key: record.key,
    projectKey: record.projectKey,
    comments: [...record.comments],
    properties: Object.fromEntries(record.properties),
    histories: [...record.histories],
  };
}
