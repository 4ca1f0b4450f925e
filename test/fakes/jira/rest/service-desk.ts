import { may, noteEdit, visibleIssue } from '../context.ts';
import { Refusal } from '../gate/reply.ts';
import { isRecord } from '../json.ts';
import { renderUser } from '../render/people.ts';
import { jiraTime, offsetMinutes } from '../render/time.ts';
import { addComment } from '../state/acts.ts';
import type { Call, Handler } from './call.ts';
import { actorId, isBot } from './call.ts';

/** Comments on a customer request: plain text, and `public` must be said. Errors have a shape of their own. */
export const postRequestComment: Handler = (context, call) => {
  const record = visibleIssue(context, call.actor, call.params['issue'] ?? '');
  if (!record) throw deskRefusal(404, 'The customer request does not exist.', 'sd.request.not.found');
  if (!may(context, call.actor, { permission: 'ADD_COMMENTS', projectKey: record.projectKey })) {
    throw deskRefusal(403, 'You do not have permission to comment on this request.', 'sd.comment.permission');
  }
  const { text, internal } = readBody(call);
  const comment = addComment(context, record, { author: actorId(call), body: text, internal });
  if (isBot(context, call))
    noteEdit(context, record.id, { at: context.now(), kind: 'comment', id: comment.id, internal, text });
  const self = `${context.url}/rest/servicedeskapi/request/${record.id}/comment/${comment.id}`;
  const { self: jiraRest, avatarUrls, accountType: _, ...author } = renderUser(context, comment.author, 2);
  return {
    status: 201,
    body: {
      id: comment.id,
      body: text,
      public: !internal,
      author: { ...author, _links: { jiraRest, avatarUrls, self: jiraRest } },
      created: momentOf(comment.created, context.options.timeZoneOffset),
      _links: { self },
    },
  };
};

function readBody(call: Call): { text: string; internal: boolean } {
  const body = isRecord(call.body) ? call.body : {};
  if (typeof body['public'] !== 'boolean')
    throw deskRefusal(400, "The 'public' field is required.", 'sd.comment.public.required');
  if (typeof body['body'] !== 'string' || body['body'] === '') {
    throw deskRefusal(400, 'Comment body can not be empty!', 'sd.comment.body.required');
  }
  return { text: body['body'], internal: !body['public'] };
}

function momentOf(at: number, offset: string): object {
  const jira = jiraTime(at, offset);
  const iso8601 = jira.replace(/\.\d{3}/, '');
  const friendly = new Date(at + offsetMinutes(offset) * 60_000).toUTCString().slice(0, 22);
  return { iso8601, jira, friendly, epochMillis: at };
}

function deskRefusal(status: number, errorMessage: string, i18nKey: string): Refusal {
  return new Refusal({ status, body: { errorMessage, i18nErrorMessage: { i18nKey, parameters: [] } } });
}
