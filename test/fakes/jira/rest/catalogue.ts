import type { SiteContext } from '../context.ts';
import { may } from '../context.ts';
import { refusal } from '../gate/reply.ts';
import { customSchema } from '../render/editmeta.ts';
import { drawComponent, drawPriority, systemFields } from '../render/fields.ts';
import { fieldName } from '../render/issue.ts';
import { base, renderUser } from '../render/people.ts';
import type { Handler } from './call.ts';
import { numberParam, textParam } from './call.ts';

const ARRAYS: Readonly<Record<string, string>> = {
  labels: 'string',
  components: 'component',
  versions: 'version',
  fixVersions: 'version',
};
const TYPES: Readonly<Record<string, string>> = {
  assignee: 'user',
  reporter: 'user',
  creator: 'user',
  priority: 'priority',
  status: 'status',
  resolution: 'resolution',
  project: 'project',
  issuetype: 'issuetype',
  created: 'datetime',
  updated: 'datetime',
  resolutiondate: 'datetime',
  security: 'securitylevel',
};

export const getFields: Handler = ({ directory }) => {
  const plain = { orderable: true, navigable: true, searchable: true };
  const system = [...systemFields.keys(), 'comment'].map((id) => {
    const items = ARRAYS[id];
    const schema =
      items === undefined ? { type: TYPES[id] ?? 'string', system: id } : { type: 'array', items, system: id };
    return { id, key: id, name: fieldName(id), custom: false, ...plain, clauseNames: [id], schema };
  });
  const custom = directory.fields.map((field) => {
    const clauseNames = [`cf[${field.id.slice('customfield_'.length)}]`, field.name];
    return {
      id: field.id,
      key: field.id,
      name: field.name,
      untranslatedName: field.name,
      custom: true,
      ...plain,
      clauseNames,
      schema: customSchema(field),
    };
  });
  return { status: 200, body: [...system, ...custom] };
};

export const getPriorities: Handler = (context) => {
  const body = context.directory.priorities.map((entry) => ({
    ...drawPriority({ context, version: 3 }, entry),
    ...PRIORITY_LOOK,
  }));
  return { status: 200, body };
};

export const searchPriorities: Handler = (context, call) => {
  const startAt = numberParam(call, 'startAt', 0);
  const maxResults = numberParam(call, 'maxResults', 50);
  const all = context.directory.priorities.map((entry) => ({
    ...drawPriority({ context, version: 3 }, entry),
    ...PRIORITY_LOOK,
    isDefault: entry.name === context.directory.defaultPriority,
  }));
  const values = all.slice(startAt, startAt + maxResults);
  const self = `${base(context, 3)}/priority/search?startAt=${startAt}&maxResults=${maxResults}`;
  return {
    status: 200,
    body: { self, maxResults, startAt, total: all.length, isLast: startAt + values.length >= all.length, values },
  };
};

const PRIORITY_LOOK = { statusColor: '#707070', description: '' };

export const getComponents: Handler = (context, call) => {
  const wanted = call.params['project'] ?? '';
  const project = [...context.directory.projects.values()].find((entry) => entry.key === wanted || entry.id === wanted);
  if (!project || !may(context, call.actor, { permission: 'BROWSE_PROJECTS', projectKey: project.key })) {
    throw refusal(404, `No project could be found with key '${wanted}'.`);
  }
  if (textParam(call, 'componentSource') === 'compass') return { status: 200, body: [] };
  const look = {
    assigneeType: 'PROJECT_DEFAULT',
    realAssigneeType: 'PROJECT_DEFAULT',
    isAssigneeTypeValid: false,
    project: project.key,
  };
  const body = project.components.map((entry) => ({
    ...drawComponent({ context, version: 3 }, entry),
    ...look,
    ...leadOf(context, project.leads.get(entry.name)),
    projectId: Number(project.id),
  }));
  return { status: 200, body };
};

function leadOf(context: SiteContext, accountId: string | undefined): object {
  return accountId === undefined ? {} : { lead: renderUser(context, accountId, 3) };
}
