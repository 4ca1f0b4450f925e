import type { SiteContext } from '../context.ts';
import type { IssueFields } from '../model.ts';
import type { CustomField, Named } from '../state/directory.ts';
import { byName, projectOf, resolutionOf, securityLevelOf, statusOf } from '../state/directory.ts';
import type { IssueRecord } from '../state/store.ts';
import { richTextToAdf, richTextToWiki } from './adf.ts';
import type { ApiVersion } from './people.ts';
import { avatars, base, renderUser } from './people.ts';
import { jiraTime } from './time.ts';

/** What is drawn: these values of that issue, in the shape of one API version. */
export interface Scene {
  readonly context: SiteContext;
  readonly record: IssueRecord;
  readonly fields: IssueFields;
  readonly version: ApiVersion;
}

type Draw = (scene: Scene) => unknown;

const CATEGORIES = {
  new: { id: 2, key: 'new', colorName: 'blue-gray', name: 'New' },
  indeterminate: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
};

const nothing: Draw = () => null;
const none: Draw = () => [];
const noProgress: Draw = () => ({ progress: 0, total: 0 });

/** Every system field, as a recipe: drawing only what was asked keeps paging through thousands cheap. */
export const systemFields: ReadonlyMap<string, Draw> = new Map<string, Draw>([
  ['statuscategorychangedate', (scene) => time(scene, scene.fields.statusChanged)],
  ['issuetype', (scene) => issueType(scene)],
  ['components', (scene) => scene.fields.components.map((name) => component(scene, name))],
  ['timespent', nothing],
  ['timeoriginalestimate', nothing],
  ['project', (scene) => project(scene)],
  ['description', (scene) => description(scene)],
  ['fixVersions', none],
  ['statusCategory', (scene) => category(scene)],
  ['aggregatetimespent', nothing],
  ['resolution', (scene) => resolution(scene)],
  ['timetracking', () => ({})],
  ['security', (scene) => security(scene)],
  ['attachment', none],
  ['aggregatetimeestimate', nothing],
  ['resolutiondate', (scene) => (scene.fields.resolved === null ? null : time(scene, scene.fields.resolved))],
  ['workratio', () => -1],
  ['summary', (scene) => scene.fields.summary],
  ['issuerestriction', () => ({ issuerestrictions: {}, shouldDisplay: true })],
  ['watches', (scene) => ({ self: `${issueUrl(scene)}/watchers`, watchCount: 0, isWatching: false })],
  ['lastViewed', nothing],
  ['creator', (scene) => renderUser(scene.context, scene.fields.creator, scene.version)],
  ['subtasks', none],
  ['created', (scene) => time(scene, scene.fields.created)],
  ['reporter', (scene) => renderUser(scene.context, scene.fields.reporter, scene.version)],
  ['aggregateprogress', noProgress],
  ['priority', (scene) => priority(scene)],
  ['labels', (scene) => scene.fields.labels],
  ['environment', nothing],
  ['timeestimate', nothing],
  ['aggregatetimeoriginalestimate', nothing],
  ['versions', none],
  ['duedate', nothing],
  ['progress', noProgress],
  ['votes', (scene) => ({ self: `${issueUrl(scene)}/votes`, votes: 0, hasVoted: false })],
  ['issuelinks', none],
  ['assignee', (scene) => person(scene, scene.fields.assignee)],
  ['updated', (scene) => time(scene, scene.fields.updated)],
  ['status', (scene) => status(scene)],
]);

/** The value of a custom field on an issue: option object, account or text. */
export function drawCustom(scene: Scene, field: CustomField): unknown {
  const value = scene.fields.custom[field.id];
  if (value === undefined) return null;
  switch (field.kind) {
    case 'user':
      return person(scene, value);
    case 'select':
      return drawOption(scene, byName(field.options, value) ?? { id: value, name: value });
    case 'request-type':
      return drawRequestType(scene, value);
    case 'organizations':
      return value.split('|').map((name, index) => drawOrganization(scene, { id: String(index + 1), name }));
    default:
      return value;
  }
}

/** As Jira Service Management puts it into issues: the request type with the state of the request. */
function drawRequestType({ context, record }: Scene, name: string) {
  const jiraRest = `${context.url}/rest/api/2/issue/${record.id}`;
  return {
    _links: { jiraRest, self: `${context.url}/rest/servicedeskapi/request/${record.id}` },
    requestType: { _expands: ['field'], id: '11', name, description: '', helpText: '', serviceDeskId: '1' },
    currentStatus: { status: record.fields.status, statusCategory: 'NEW' },
  };
}

function drawOrganization({ context }: Scene, { id, name }: Named) {
  return { id, name, _links: { self: `${context.url}/rest/servicedeskapi/organization/${id}` } };
}

export function drawOption({ context, version }: Pick<Scene, 'context' | 'version'>, option: Named) {
  return { self: `${base(context, version)}/customFieldOption/${option.id}`, value: option.name, id: option.id };
}

export function drawPriority({ context, version }: Pick<Scene, 'context' | 'version'>, entry: Named) {
  const icon = entry.name.toLowerCase().replaceAll(/\W/g, '');
  return {
    self: `${base(context, version)}/priority/${entry.id}`,
    iconUrl: `${context.url}/images/icons/priorities/${icon}_new.svg`,
    name: entry.name,
    id: entry.id,
  };
}

export function drawComponent({ context, version }: Pick<Scene, 'context' | 'version'>, entry: Named) {
  return { self: `${base(context, version)}/component/${entry.id}`, id: entry.id, name: entry.name };
}

export function drawIssueType({ context, version }: Pick<Scene, 'context' | 'version'>, entry: Named) {
  return {
    self: `${base(context, version)}/issuetype/${entry.id}`,
    id: entry.id,
    description: `${entry.name} of the simulated site.`,
    iconUrl: `${base(context, 2)}/universal_avatar/view/type/issuetype/avatar/10318?size=medium`,
    name: entry.name,
    subtask: false,
    avatarId: 10_318,
    entityId: `6cbe0d34-672b-42df-9f50-${entry.id.padStart(12, '0')}`,
    hierarchyLevel: 0,
  };
}

function issueUrl({ context, record, version }: Scene): string {
  return `${base(context, version)}/issue/${record.key}`;
}

function time({ context }: Scene, at: number): string {
  return jiraTime(at, context.options.timeZoneOffset);
}

function person({ context, version }: Scene, accountId: string | null) {
  return accountId === null ? null : renderUser(context, accountId, version);
}

function description({ fields, version }: Scene): unknown {
  return version === 2 ? richTextToWiki(fields.description) : richTextToAdf(fields.description);
}

function issueType(scene: Scene) {
  const name = scene.fields.issueType;
  const known = byName(projectOf(scene.context.directory, scene.record.projectKey).issueTypes, name);
  return drawIssueType(scene, known ?? { id: '10000', name });
}

function component(scene: Scene, name: string) {
  const known = byName(projectOf(scene.context.directory, scene.record.projectKey).components, name);
  return drawComponent(scene, known ?? { id: '0', name });
}

function priority(scene: Scene) {
  const name = scene.fields.priority;
  const known = name === null ? undefined : byName(scene.context.directory.priorities, name);
  return known ? drawPriority(scene, known) : null;
}

function project({ context, record, version }: Scene) {
  const { id, key, name } = projectOf(context.directory, record.projectKey);
  const self = `${base(context, version)}/project/${id}`;
  return {
    self,
    id,
    key,
    name,
    projectTypeKey: 'service_desk',
    simplified: false,
    avatarUrls: avatars(context, 'project'),
  };
}

function category(scene: Scene) {
  const drawn = CATEGORIES[statusOf(scene.context.directory, scene.fields.status).category];
  return { self: `${base(scene.context, scene.version)}/statuscategory/${drawn.id}`, ...drawn };
}

function status(scene: Scene) {
  const { id, name } = statusOf(scene.context.directory, scene.fields.status);
  return {
    self: `${base(scene.context, scene.version)}/status/${id}`,
    description: '',
    iconUrl: `${scene.context.url}/images/icons/statuses/generic.png`,
    name,
    id,
    statusCategory: category(scene),
  };
}

function resolution({ context, fields, version }: Scene) {
  if (fields.resolution === null) return null;
  const { id, name } = resolutionOf(context.directory, fields.resolution);
  return { self: `${base(context, version)}/resolution/${id}`, id, description: '', name };
}

function security({ context, fields, version }: Scene) {
  if (fields.securityLevel === null) return null;
  const { id, name } = securityLevelOf(context.directory, fields.securityLevel);
  return { self: `${base(context, version)}/securitylevel/${id}`, id, description: '', name };
}
