import { may, noteEdit } from '../context.ts';
import { assertProperty } from '../editing/edit.ts';
import { errorBody, Refusal, refusal } from '../gate/reply.ts';
import { base } from '../render/people.ts';
import { setProperty } from '../state/acts.ts';
import type { Handler } from './call.ts';
import { actorId, isBot, issueOf } from './call.ts';

export const getProperty: Handler = (context, call) => {
  const record = issueOf(context, call);
  const key = call.params['property'] ?? '';
  if (!record.properties.has(key)) throw missing(key);
  return { status: 200, body: { key, value: record.properties.get(key) } };
};

export const listProperties: Handler = (context, call) => {
  const record = issueOf(context, call);
  const self = (key: string) => `${base(context, 3)}/issue/${record.id}/properties/${key}`;
  return { status: 200, body: { keys: [...record.properties.keys()].map((key) => ({ self: self(key), key })) } };
};

export const putProperty: Handler = (context, call) => {
  const record = issueOf(context, call);
  const key = call.params['property'] ?? '';
  if (!may(context, call.actor, { permission: 'EDIT_ISSUES', projectKey: record.projectKey }))
    throw refusal(403, 'You do not have permission to edit issues in this project.');
  if (call.bodyText.trim() === '' || call.body === undefined) {
    throw new Refusal({ status: 400, body: errorBody(['The property value cannot be empty.']) });
  }
  assertProperty(key, call.bodyText);
  const isNew = setProperty(context, record, { key, value: call.body, author: actorId(call) });
  if (isBot(context, call))
    noteEdit(context, record.id, { at: context.now(), kind: 'property', key, value: call.body });
  return { status: isNew ? 201 : 200 };
};

export const deleteProperty: Handler = (context, call) => {
  const record = issueOf(context, call);
  const key = call.params['property'] ?? '';
  if (!may(context, call.actor, { permission: 'EDIT_ISSUES', projectKey: record.projectKey }))
    throw refusal(403, 'You do not have permission to edit issues in this project.');
  if (!record.properties.delete(key)) throw missing(key);
  if (isBot(context, call)) noteEdit(context, record.id, { at: context.now(), kind: 'property', key, value: null });
  return { status: 204 };
};

function missing(key: string): Error {
  return refusal(404, `The property with key ${key} does not exist.`);
}
