import type { SiteContext } from '../context.ts';
import { may, visibleIssue } from '../context.ts';
import { refusal, unauthorized } from '../gate/reply.ts';
import { renderAccount } from '../render/people.ts';
import { isAssignable } from '../state/directory.ts';
import type { Call, Handler } from './call.ts';
import { listParam, numberParam, textParam } from './call.ts';

const PERMISSIONS = [
  'ADD_COMMENTS ADMINISTER ADMINISTER_PROJECTS ASSIGNABLE_USER ASSIGN_ISSUES BROWSE_PROJECTS CLOSE_ISSUES',
  'CREATE_ISSUES DELETE_ISSUES EDIT_ISSUES LINK_ISSUES MODIFY_REPORTER MOVE_ISSUES RESOLVE_ISSUES SCHEDULE_ISSUES',
  'SERVICEDESK_AGENT SET_ISSUE_SECURITY TRANSITION_ISSUES USER_PICKER VIEW_DEV_TOOLS WORK_ON_ISSUES',
].flatMap((line) => line.split(' '));

const GLOBAL = new Set(['ADMINISTER', 'USER_PICKER']);

export const getMyself: Handler = (context, call) => {
  if (call.actor.kind === 'anonymous') throw unauthorized();
  return { status: 200, body: { ...renderAccount(context, call.actor.user.accountId), locale: 'en_US' } };
};

/** One account, also a deactivated one. */
export const getUser: Handler = (context, call) => {
  if (call.actor.kind === 'anonymous') throw unauthorized();
  if (!may(context, call.actor, { permission: 'USER_PICKER', projectKey: undefined }))
    throw refusal(403, 'You are not authorized to perform this operation. Browse users permission is required.');
  const accountId = textParam(call, 'accountId') ?? '';
  if (accountId === '') throw refusal(400, "The 'accountId' query parameter needs to be provided.");
  if (!context.directory.users.has(accountId))
    throw refusal(404, 'Specified user does not exist or you do not have required permissions');
  return { status: 200, body: renderAccount(context, accountId) };
};

/** Who can be assigned here: scans the first 1,000 people, then filters, so short and empty pages are normal. */
export const findAssignable: Handler = (context, call) => {
  const place = placeOf(context, call);
  if (place === undefined) throw refusal(400, 'No project, issue key or issue ID was provided');
  const accountId = textParam(call, 'accountId');
  const startAt = numberParam(call, 'startAt', 0);
  const maxResults = Math.min(1_000, numberParam(call, 'maxResults', 50));
  const query = (textParam(call, 'query') ?? '').toLowerCase();
  const range =
    accountId === undefined
      ? [...context.directory.users.values()].slice(0, 1_000)
      : [context.directory.users.get(accountId)];
  const people = range
    .filter((user) => user !== undefined)
    .slice(startAt, startAt + maxResults)
    .filter((user) => isAssignable(user))
    .filter(({ displayName = '', email = '' }) => accountId !== undefined || hits(query, [displayName, email]));
  return { status: 200, body: people.map((user) => renderAccount(context, user.accountId)) };
};

function hits(query: string, texts: readonly string[]): boolean {
  return texts.some(
    (text) =>
      text
        .toLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(query)) || text.toLowerCase().startsWith(query),
  );
}

function placeOf(context: SiteContext, call: Call): string | undefined {
  const project = textParam(call, 'project');
  const issue = textParam(call, 'issueKey') ?? textParam(call, 'issueId');
  if (project === undefined && issue === undefined) return undefined;
  const key = project ?? visibleIssue(context, call.actor, issue ?? '')?.projectKey;
  const known = [...context.directory.projects.values()].find(
    (candidate) => candidate.key === key || candidate.id === key,
  );
  if (known && may(context, call.actor, { permission: 'BROWSE_PROJECTS', projectKey: known.key })) return known.key;
  throw refusal(
    404,
    project === undefined
      ? 'Issue does not exist or you do not have permission to see it.'
      : `No project could be found with key '${project}'.`,
  );
}

export const getMyPermissions: Handler = (context, call) => {
  const wanted = listParam(call, 'permissions');
  if (wanted.length === 0) throw refusal(400, "The 'permissions' query parameter is required.");
  const unknown = wanted.find((key) => !PERMISSIONS.includes(key));
  if (unknown !== undefined) throw refusal(400, `Unrecognized permission: ${unknown}`);
  const place = textParam(call, 'projectKey') === undefined ? undefined : projectKeyOf(context, call);
  const entries = wanted.map((key) => [
    key,
    permission(key, may(context, call.actor, { permission: key, projectKey: place })),
  ]);
  return { status: 200, body: { permissions: Object.fromEntries(entries) } };
};

function projectKeyOf(context: SiteContext, call: Call): string {
  const key = textParam(call, 'projectKey') ?? '';
  if (
    context.directory.projects.has(key) &&
    may(context, call.actor, { permission: 'BROWSE_PROJECTS', projectKey: key })
  )
    return key;
  throw refusal(404, `No project could be found with key '${key}'.`);
}

function permission(key: string, havePermission: boolean): object {
  const words = key.toLowerCase().replaceAll('_', ' ');
  const name = words.charAt(0).toUpperCase() + words.slice(1);
  const type = GLOBAL.has(key) ? 'GLOBAL' : 'PROJECT';
  return {
    id: String(PERMISSIONS.indexOf(key) + 10),
    key,
    name,
    type,
    description: `Ability to ${words}.`,
    havePermission,
  };
}
