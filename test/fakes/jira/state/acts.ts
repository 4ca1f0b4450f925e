import type { SiteContext } from '../context.ts';
import type {
  ChangeItem,
  EventOptions,
  IssueChange,
  IssueDraft,
  IssueFields,
  RichText,
  SiteComment,
} from '../model.ts';
import type { SiteEvent } from '../webhooks/payload.ts';
import { announce } from '../webhooks/payload.ts';
import { found, projectOf } from './directory.ts';
import { changedFields, fieldsOfDraft, momentOf } from './fields.ts';
import { itemsBetween, itemsOfCreation } from './history.ts';
import type { IssueRecord } from './store.ts';
import { commit, findRecord, insertRecord, rekey, removeRecord, touch } from './store.ts';

/** Puts an issue into the site without telling anyone. */
export function seedIssue(context: SiteContext, draft: IssueDraft): IssueRecord {
  const fields = fieldsOfDraft(context.directory, draft, context.now());
  return insertRecord(context.store, { projectKey: draft.projectKey, key: draft.key, fields, bornAt: 0 });
}

/** A person creates an issue, and subscribers hear of it. */
export function createIssue(context: SiteContext, draft: IssueDraft, options: EventOptions = {}): IssueRecord {
  const { directory, store } = context;
  const now = context.now();
  const fields = fieldsOfDraft(directory, draft, momentOf(options, now));
  const record = insertRecord(store, { projectKey: draft.projectKey, key: draft.key, fields, bornAt: now });
  const change = { id: String(store.nextHistoryId++), items: itemsOfCreation(directory, fields, draft.projectKey) };
  tell(context, { name: 'jira:issue_created', record, author: fields.creator, at: now, change }, options);
  return record;
}

export function applyChange(
  context: SiteContext,
  record: IssueRecord,
  { author, change, options = {} }: { author: string; change: IssueChange; options?: EventOptions | undefined },
): readonly ChangeItem[] {
  const at = momentOf(options, context.now());
  const step = { before: record.fields, change, projectKey: record.projectKey, at };
  return applyFields(context, record, { author, after: changedFields(context.directory, step), options });
}

/** Puts new values in place. A step that changes nothing leaves no trace. */
export function applyFields(
  context: SiteContext,
  record: IssueRecord,
  { author, after, options = {} }: { author: string; after: IssueFields; options?: EventOptions },
): readonly ChangeItem[] {
  const items = itemsBetween(context.directory, { before: record.fields, after, projectKey: record.projectKey });
  if (items.length > 0) write(context, record, { author, after, items, options });
  return items;
}

function write(
  context: SiteContext,
  record: IssueRecord,
  step: { author: string; after: IssueFields; items: readonly ChangeItem[]; options: EventOptions },
): void {
  const now = context.now();
  const at = momentOf(step.options, now);
  const keepPastMs = context.options.indexLagMs;
  const { author, items } = step;
  const change = commit(context.store, record, { fields: step.after, items, author, at, keepPastMs, now });
  tell(context, { name: 'jira:issue_updated', record, author, at, change: { id: change.id, items } }, step.options);
}

export function deleteIssue(context: SiteContext, idOrKey: string, { author, options }: Act): void {
  const record = existing(context, idOrKey);
  removeRecord(context.store, record);
  tell(context, { name: 'jira:issue_deleted', record, author, at: context.now() }, options);
}

/** Gives the issue a key of another project (or another number); the old key keeps leading to it. */
export function moveIssue(
  context: SiteContext,
  idOrKey: string,
  { newKey, author, options }: Act & { newKey: string },
): void {
  const record = existing(context, idOrKey);
  const before = { key: record.key, project: projectOf(context.directory, record.projectKey) };
  const project = projectOf(context.directory, newKey.slice(0, newKey.lastIndexOf('-')));
  const components = record.fields.components.filter((name) => project.components.some((item) => item.name === name));
  const items = itemsBetween(context.directory, {
    before: record.fields,
    after: { ...record.fields, components },
    projectKey: record.projectKey,
  });
  rekey(context.store, record, newKey);
  const plain = { fieldtype: 'jira' as const };
  const moved = [
    {
      ...plain,
      field: 'project',
      fieldId: 'project',
      from: before.project.id,
      fromString: before.project.name,
      to: project.id,
      toString: project.name,
    },
    { ...plain, field: 'Key', fieldId: 'Key', from: null, fromString: before.key, to: null, toString: newKey },
  ].filter((item) => item.fromString !== item.toString);
  write(context, record, { author, after: { ...record.fields, components }, items: [...moved, ...items], options });
}

interface Act {
  readonly author: string;
  readonly options: EventOptions;
}

export interface CommentDraft {
  readonly author: string;
  readonly body: RichText;
  readonly internal: boolean;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly options?: EventOptions;
}

export function addComment(context: SiteContext, record: IssueRecord, draft: CommentDraft): SiteComment {
  const { author, body, internal, properties = {}, options = {} } = draft;
  const at = momentOf(options, context.now());
  const id = String(context.store.nextCommentId++);
  const comment: SiteComment = { id, author, body, internal, properties, created: at, updated: at };
  record.comments.push(comment);
  touch(context.store, record, { at, keepPastMs: context.options.indexLagMs, now: context.now() });
  tell(context, { name: 'comment_created', record, author, at, comment }, options);
  return comment;
}

export function deleteComment({ comments }: IssueRecord, id: string): void {
  const index = comments.findIndex((comment) => comment.id === id);
  found(comments[index], `comment '${id}'`);
  comments.splice(index, 1);
}

/** Writes an entity property; true when it is new. */
export function setProperty(
  context: SiteContext,
  record: IssueRecord,
  entry: { key: string; value: unknown; author: string },
): boolean {
  const isNew = !record.properties.has(entry.key);
  record.properties.set(entry.key, entry.value);
  const property = { key: entry.key, value: entry.value };
  tell(context, { name: 'issue_property_set', record, author: entry.author, at: context.now(), property }, {});
  return isNew;
}

export function existing(context: SiteContext, idOrKey: string): IssueRecord {
  return found(findRecord(context.store, idOrKey), `issue '${idOrKey}'`);
}

function tell(
  context: SiteContext,
  event: Omit<SiteEvent, 'bulk'>,
  { silent = false, bulk = false }: EventOptions,
): void {
  if (!silent) announce(context, { ...event, bulk });
}
