import type { Handler } from './call.ts';
import { getComponents, getFields, getPriorities, searchPriorities } from './catalogue.ts';
import { getServerInfo } from './clock.ts';
import { getComments, postComment, putComment } from './comment.ts';
import { assignIssue, editIssue, getChangelog, getEditMeta, getIssue } from './issue.ts';
import { findAssignable, getMyPermissions, getMyself, getUser } from './people.ts';
import { deleteProperty, getProperty, listProperties, putProperty } from './property.ts';
import { bulkFetch, countIssues, searchByGet, searchByPost, searchGone } from './search.ts';
import { postRequestComment } from './service-desk.ts';

export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  readonly handler: Handler;
  /** Writes to the issue in the path, so counts against its limit. */
  readonly writes?: boolean;
}

const issue = '/rest/api/3/issue/:issue';

/** Everything the site answers. */
export const routes: readonly Route[] = [
  { method: 'get', path: '/rest/api/3/myself', handler: getMyself },
  { method: 'get', path: '/rest/api/3/mypermissions', handler: getMyPermissions },
  { method: 'get', path: '/rest/api/3/serverInfo', handler: getServerInfo },
  { method: 'get', path: '/rest/api/3/field', handler: getFields },
  { method: 'get', path: '/rest/api/3/priority', handler: getPriorities },
  { method: 'get', path: '/rest/api/3/priority/search', handler: searchPriorities },
  { method: 'get', path: '/rest/api/3/project/:project/components', handler: getComponents },
  { method: 'get', path: '/rest/api/3/user', handler: getUser },
  { method: 'get', path: '/rest/api/3/user/assignable/search', handler: findAssignable },
  { method: 'get', path: '/rest/api/3/search', handler: searchGone },
  { method: 'post', path: '/rest/api/3/search', handler: searchGone },
  { method: 'get', path: '/rest/api/3/search/jql', handler: searchByGet },
  { method: 'post', path: '/rest/api/3/search/jql', handler: searchByPost },
  { method: 'post', path: '/rest/api/3/search/approximate-count', handler: countIssues },
  { method: 'post', path: '/rest/api/3/issue/bulkfetch', handler: bulkFetch },
  { method: 'get', path: issue, handler: getIssue },
  { method: 'put', path: issue, handler: editIssue, writes: true },
  { method: 'put', path: `${issue}/assignee`, handler: assignIssue, writes: true },
  { method: 'get', path: `${issue}/editmeta`, handler: getEditMeta },
  { method: 'get', path: `${issue}/changelog`, handler: getChangelog },
  { method: 'get', path: `${issue}/properties`, handler: listProperties },
  { method: 'get', path: `${issue}/properties/:property`, handler: getProperty },
  { method: 'put', path: `${issue}/properties/:property`, handler: putProperty, writes: true },
  { method: 'delete', path: `${issue}/properties/:property`, handler: deleteProperty, writes: true },
  { method: 'get', path: `${issue}/comment`, handler: getComments },
  { method: 'post', path: `${issue}/comment`, handler: postComment, writes: true },
  { method: 'put', path: `${issue}/comment/:comment`, handler: putComment, writes: true },
  // jira.js sends a comment given as a string here, and drops its properties on the way.
  { method: 'post', path: '/rest/api/2/issue/:issue/comment', handler: postComment, writes: true },
  { method: 'post', path: '/rest/servicedeskapi/request/:issue/comment', handler: postRequestComment, writes: true },
];
