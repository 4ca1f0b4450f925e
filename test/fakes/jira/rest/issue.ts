import type { SiteContext } from '../context.ts';
import { may, noteEdit } from '../context.ts';
import { readEdit } from '../editing/edit.ts';
import { assignableId, FieldError } from '../editing/fields.ts';
import { fieldRefusal, refusal } from '../gate/reply.ts';
import { isRecord } from '../json.ts';
import type { ChangeItem } from '../model.ts';
import { renderEditMeta } from '../render/editmeta.ts';
import { renderHistory, renderIssue } from '../render/issue.ts';
import { base } from '../render/people.ts';
import { applyFields, setProperty } from '../state/acts.ts';
import type { IssueRecord } from '../state/store.ts';
import type { Call, Handler } from './call.ts';
import { actorId, isBot, isOn, issueOf, listParam, numberParam } from './call.ts';
import { viewOf } from './view.ts';

export const getIssue: Handler = (context, call) => {
  const record = issueOf(context, call);
  return { status: 200, body: drawIssue(context, call, record) };
};

export const getEditMeta: Handler = (context, call) => {
  const record = issueOf(context, call);
  return {
    status: 200,
    body: renderEditMeta(
      context,
      record,
      may(context, call.actor, { permission: 'EDIT_ISSUES', projectKey: record.projectKey }),
    ),
  };
};

/** The paged changelog, oldest first. */
export const getChangelog: Handler = (context, call) => {
  const record = issueOf(context, call);
  const startAt = numberParam(call, 'startAt', 0);
  const maxResults = Math.min(100, numberParam(call, 'maxResults', 100));
  const total = record.histories.length;
  const values = record.histories
    .slice(startAt, startAt + maxResults)
    .map((history) => renderHistory(context, history));
  const self = `${base(context, 3)}/issue/${record.id}/changelog?maxResults=${maxResults}&startAt=${startAt}`;
  return { status: 200, body: { self, maxResults, startAt, total, isLast: startAt + values.length >= total, values } };
};

/** One PUT, all or nothing: fields, label merges and properties together. */
export const editIssue: Handler = (context, call) => {
  const record = issueOf(context, call);
  if (isOn(call, 'overrideScreenSecurity') || isOn(call, 'overrideEditableFlag')) {
    throw refusal(
      403,
      'Only Connect and Forge app users with admin permissions can override screen security and editable flags.',
    );
  }
  const edit = readEdit(
    { context, record },
    call.body,
    may(context, call.actor, { permission: 'EDIT_ISSUES', projectKey: record.projectKey }),
  );
  assertMayBeQuiet(context, call, record);
  const author = actorId(call);
  const items = applyFields(context, record, { author, after: edit.after });
  for (const property of edit.properties) setProperty(context, record, { ...property, author });
  if (isBot(context, call)) noteEdit(context, record.id, { at: context.now(), kind: 'edit', items, body: call.body });
  return isOn(call, 'returnIssue') ? { status: 200, body: drawIssue(context, call, record) } : { status: 204 };
};

/** Discarding the notification takes an admin; for anyone else the whole edit fails. */
function assertMayBeQuiet(context: SiteContext, call: Call, record: IssueRecord): void {
  if (
    isOn(call, 'notifyUsers', true) ||
    may(context, call.actor, { permission: 'ADMINISTER_PROJECTS', projectKey: record.projectKey })
  )
    return;
  throw refusal(400, 'To discard the user notification either admin or project admin permissions are required.');
}

export const assignIssue: Handler = (context, call) => {
  const record = issueOf(context, call);
  if (!may(context, call.actor, { permission: 'ASSIGN_ISSUES', projectKey: record.projectKey })) {
    throw refusal(403, 'You do not have permission to assign issues.');
  }
  const to = assigneeIn(context, call, record);
  const author = actorId(call);
  const items: readonly ChangeItem[] = applyFields(context, record, {
    author,
    after: { ...record.fields, assignee: to },
  });
  if (isBot(context, call)) noteEdit(context, record.id, { at: context.now(), kind: 'assign', items, to });
  return { status: 204 };
};

function assigneeIn(context: SiteContext, call: Call, record: IssueRecord): string | null {
  const accountId = isRecord(call.body) ? call.body['accountId'] : undefined;
  if (accountId === undefined)
    throw refusal(400, "'accountId' must be the only user identifying query parameter in GDPR strict mode.");
  if (accountId === null) return null;
  try {
    return assignableId(context, record, accountId);
  } catch (error) {
    if (error instanceof FieldError) throw fieldRefusal({ assignee: error.message });
    throw error;
  }
}

function drawIssue(context: SiteContext, call: Call, record: IssueRecord): object {
  const view = viewOf(context, call, {
    fields: listParam(call, 'fields'),
    expand: listParam(call, 'expand'),
    properties: listParam(call, 'properties'),
    otherwise: '*all',
    maxHistories: 100,
  })(record);
  return renderIssue(context, { record, fields: record.fields }, { ...view, fields: view.fields ?? (() => false) });
}
