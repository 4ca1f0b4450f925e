import type { SiteContext } from '../context.ts';
import { may, noteEdit } from '../context.ts';
import { isDocument } from '../editing/adf-check.ts';
import { fieldRefusal, refusal } from '../gate/reply.ts';
import { isRecord, listIn, recordIn, textIn } from '../json.ts';
import type { RichText, SiteComment } from '../model.ts';
import { richTextToWiki } from '../render/adf.ts';
import { renderComment } from '../render/comments.ts';
import { addComment } from '../state/acts.ts';
import type { IssueRecord } from '../state/store.ts';
import { touch } from '../state/store.ts';
import type { Call, Handler } from './call.ts';
import { actorId, isBot, issueOf, listParam, numberParam, textParam } from './call.ts';

const PUBLIC = 'sd.public.comment';

export const getComments: Handler = (context, call) => {
  const record = issueOf(context, call);
  const startAt = numberParam(call, 'startAt', 0);
  const maxResults = numberParam(call, 'maxResults', 100);
  const ordered = textParam(call, 'orderBy') === '-created' ? record.comments.toReversed() : record.comments;
  const comments = ordered
    .slice(startAt, startAt + maxResults)
    .map((comment) => drawComment(context, call, { record, comment }));
  return { status: 200, body: { startAt, maxResults, total: record.comments.length, comments } };
};

/** Public to the customer unless the property says internal; on v2 a plain string is fine and properties count too. */
export const postComment: Handler = (context, call) => {
  const record = issueOf(context, call);
  const body = isRecord(call.body) ? call.body['body'] : undefined;
  assertBody(call, body, may(context, call.actor, { permission: 'ADD_COMMENTS', projectKey: record.projectKey }));
  const properties = propertiesIn(call.body);
  const draft = { author: actorId(call), body, internal: isInternal(properties) ?? false, properties };
  const comment = addComment(context, record, draft);
  note(context, call, { record, comment });
  return { status: 201, body: drawComment(context, call, { record, comment }) };
};

/** A new text keeps the internal flag unless the request sets it. */
export const putComment: Handler = (context, call) => {
  const record = issueOf(context, call);
  const index = record.comments.findIndex((comment) => comment.id === call.params['comment']);
  const before = record.comments[index];
  if (!before) throw refusal(404, `Can not find a comment for the id: ${call.params['comment'] ?? ''}.`);
  const body = isRecord(call.body) ? call.body['body'] : undefined;
  assertBody(call, body, may(context, call.actor, { permission: 'ADD_COMMENTS', projectKey: record.projectKey }));
  const changes = propertiesIn(call.body);
  const at = context.now();
  const properties = { ...before.properties, ...changes };
  const comment: SiteComment = {
    ...before,
    body,
    internal: isInternal(changes) ?? before.internal,
    properties,
    updated: at,
  };
  record.comments[index] = comment;
  touch(context.store, record, { at, keepPastMs: context.options.indexLagMs, now: at });
  note(context, call, { record, comment });
  return { status: 200, body: drawComment(context, call, { record, comment }) };
};

function note(
  context: SiteContext,
  call: Call,
  { record, comment }: { record: IssueRecord; comment: SiteComment },
): void {
  if (!isBot(context, call)) return;
  const { id, internal } = comment;
  noteEdit(context, record.id, {
    at: context.now(),
    kind: 'comment',
    id,
    internal,
    text: richTextToWiki(comment.body) ?? '',
  });
}

function assertBody(call: Call, body: unknown, mayComment: boolean): asserts body is RichText {
  const isValid = call.version === 2 ? typeof body === 'string' && body !== '' : isDocument(body);
  const errors: Record<string, string> = isValid ? {} : { comment: 'Comment body is not valid!' };
  if (!mayComment) throw fieldRefusal(errors, ['You do not have the permission to comment on this issue.']);
  if (!isValid) throw fieldRefusal(errors);
}

function propertiesIn(body: unknown): Record<string, unknown> {
  const entries = isRecord(body) ? listIn(body, 'properties').filter(isRecord) : [];
  return Object.fromEntries(entries.map((entry) => [textIn(entry, 'key') ?? '', entry['value']]));
}

function isInternal(properties: Readonly<Record<string, unknown>>): boolean | undefined {
  const flag = recordIn(properties, PUBLIC)['internal'];
  return typeof flag === 'boolean' ? flag : undefined;
}

function drawComment(
  context: SiteContext,
  call: Call,
  { record, comment }: { record: IssueRecord; comment: SiteComment },
): object {
  const drawn = renderComment({ context, record, version: call.version }, comment);
  if (!listParam(call, 'expand').includes('properties')) return drawn;
  return { ...drawn, properties: Object.entries(comment.properties).map(([key, value]) => ({ key, value })) };
}
