import type { SiteContext } from '../context.ts';
import type { ChangeItem, SiteComment } from '../model.ts';
import { renderComment, renderComments } from '../render/comments.ts';
import { systemFields } from '../render/fields.ts';
import { renderFields, renderHookIssue } from '../render/issue.ts';
import { base, renderUser } from '../render/people.ts';
import type { IssueRecord } from '../state/store.ts';

/** Something that happened on the site and may be told to subscribers. */
export interface SiteEvent {
  readonly name: string;
  readonly record: IssueRecord;
  readonly author: string;
  readonly at: number;
  readonly bulk: boolean;
  readonly change?: { readonly id: string; readonly items: readonly ChangeItem[] };
  readonly comment?: SiteComment;
  readonly property?: { readonly key: string; readonly value: unknown };
}

const SLIM_FIELDS = ['summary', 'issuetype', 'project', 'assignee', 'priority', 'status'];

/** Tells the subscribers of the site what happened. */
export function announce(context: SiteContext, event: SiteEvent): void {
  const { name, record, bulk } = event;
  context.webhooks.announce({ name, bulk, issueId: record.id, issueKey: record.key }, (kind) =>
    kind === 'automation' ? automationBody(context, event) : hookBody(context, event),
  );
}

/** The body of an admin webhook, shaped as the captures show. */
function hookBody(context: SiteContext, event: SiteEvent): object {
  if (event.property) return propertyBody(event, event.property);
  if (event.comment) return commentBody(context, event, event.comment);
  const typeName = eventTypeName(event);
  return {
    timestamp: event.at,
    webhookEvent: event.name,
    ...(typeName !== undefined && { issue_event_type_name: typeName }),
    user: renderUser(context, event.author, 2),
    issue: renderHookIssue(
      context,
      event.record,
      event.name === 'jira:issue_deleted' ? pagesOf(context, event.record) : {},
    ),
    ...(event.change && { changelog: event.change }),
    ...(event.bulk && { bulkOperationMetaData: { operationId: `bulk-${event.at}`, totalIssues: 1 } }),
  };
}

/** Automation's "Issue data (Jira format)": the bare issue with numeric ids and an empty changelog. */
function automationBody(context: SiteContext, event: SiteEvent): object {
  const issue = renderHookIssue(context, event.record);
  const changelog = { startAt: 0, maxResults: 0, total: 0, histories: null };
  return { issue: { ...issue, id: Number(issue.id), changelog } };
}

function eventTypeName({ name, change }: SiteEvent): string | undefined {
  if (name === 'jira:issue_created') return 'issue_created';
  if (name !== 'jira:issue_updated') return undefined;
  const fields = new Set(change?.items.map((item) => item.fieldId));
  if (fields.has('Key')) return 'issue_moved';
  if (fields.has('status')) return 'issue_generic';
  return fields.size === 1 && fields.has('assignee') ? 'issue_assigned' : 'issue_updated';
}

/** A deleted issue carries its comments and work log, for there is no later. */
function pagesOf(context: SiteContext, record: IssueRecord): Record<string, unknown> {
  const { comments, maxResults, total, startAt } = renderComments({ context, record, version: 2 });
  return {
    comment: { comments, maxResults, total, startAt },
    worklog: { startAt: 0, maxResults: 20, total: 0, worklogs: [] },
  };
}

/** Cloud's comment events: author inside the comment, no `user`, six fields of the issue. */
function commentBody(context: SiteContext, event: SiteEvent, comment: SiteComment): object {
  const { record } = event;
  const scene = { context, record, fields: record.fields, version: 2 as const };
  const slim = renderFields(scene, (id) => systemFields.has(id) && SLIM_FIELDS.includes(id));
  return {
    timestamp: event.at,
    webhookEvent: event.name,
    comment: renderComment(scene, comment),
    issue: { id: record.id, self: `${base(context, 2)}/${record.id}`, key: record.key, fields: slim },
    eventType: 'primaryAction',
  };
}

function propertyBody(event: SiteEvent, property: { readonly key: string; readonly value: unknown }): object {
  return { timestamp: event.at, webhookEvent: event.name, issueId: Number(event.record.id), property };
}
