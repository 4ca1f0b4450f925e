import type { SiteContext } from '../context.ts';
import type { CustomField } from '../state/directory.ts';
import { belongs, projectOf } from '../state/directory.ts';
import type { IssueRecord } from '../state/store.ts';
import { drawComponent, drawIssueType, drawOption, drawPriority } from './fields.ts';
import { base } from './people.ts';

interface FieldMeta {
  readonly required: boolean;
  readonly schema: object;
  readonly name: string;
  readonly key: string;
  readonly operations: readonly string[];
  readonly allowedValues?: readonly unknown[];
  readonly autoCompleteUrl?: string;
}

/** The fields the caller may edit, each with its operations and, where closed, its allowed values. */
export function renderEditMeta(context: SiteContext, record: IssueRecord, editable: boolean) {
  return { fields: editable ? editableFields(context, record) : {} };
}

export function editableFields(context: SiteContext, record: IssueRecord): Record<string, FieldMeta> {
  const isPlain = ({ kind }: CustomField) => kind !== 'request-type' && kind !== 'organizations';
  const custom = context.directory.fields.filter(
    (field) => field.editable && isPlain(field) && belongs(field, record.projectKey),
  );
  return {
    summary: system('summary', 'Summary', { type: 'string', required: true }),
    issuetype: { ...issueTypes(context, record), required: true },
    components: components(context, record),
    description: system('description', 'Description', { type: 'string' }),
    priority: priorities(context),
    labels: labels(context),
    ...(context.permissions.get('ASSIGN_ISSUES') !== false && { assignee: assignee(context, record) }),
    ...Object.fromEntries(custom.map((field) => [field.id, customField(context, field)])),
  };
}

function system(
  key: string,
  name: string,
  { type, required = false }: { type: string; required?: boolean },
): FieldMeta {
  return { required, schema: { type, system: key }, name, key, operations: ['set'] };
}

function issueTypes(context: SiteContext, record: IssueRecord): FieldMeta {
  const types = projectOf(context.directory, record.projectKey).issueTypes;
  const allowedValues = types.map((entry) => drawIssueType({ context, version: 3 }, entry));
  return { ...system('issuetype', 'Issue Type', { type: 'issuetype' }), allowedValues };
}

function components(context: SiteContext, record: IssueRecord): FieldMeta {
  const known = projectOf(context.directory, record.projectKey).components;
  return {
    required: false,
    schema: { type: 'array', items: 'component', system: 'components' },
    name: 'Components',
    key: 'components',
    operations: ['add', 'set', 'remove'],
    allowedValues: known.map((entry) => drawComponent({ context, version: 3 }, entry)),
  };
}

function priorities(context: SiteContext): FieldMeta {
  const allowedValues = context.directory.priorities.map((entry) => drawPriority({ context, version: 3 }, entry));
  return { ...system('priority', 'Priority', { type: 'priority' }), allowedValues };
}

function labels(context: SiteContext): FieldMeta {
  return {
    required: false,
    schema: { type: 'array', items: 'string', system: 'labels' },
    name: 'Labels',
    key: 'labels',
    autoCompleteUrl: `${context.url}/rest/api/1.0/labels/suggest?query=`,
    operations: ['add', 'set', 'remove'],
  };
}

function assignee(context: SiteContext, record: IssueRecord): FieldMeta {
  const autoCompleteUrl = `${base(context, 3)}/user/assignable/search?issueKey=${record.key}&query=`;
  return { ...system('assignee', 'Assignee', { type: 'user' }), autoCompleteUrl };
}

const CUSTOM_TYPES = {
  select: { type: 'option', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:select' },
  string: { type: 'string', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:textfield' },
  user: { type: 'user', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:userpicker' },
  'request-type': { type: 'sd-customerrequesttype', custom: 'com.atlassian.servicedesk:vp-origin' },
  organizations: {
    type: 'array',
    items: 'sd-customerorganization',
    custom: 'com.atlassian.servicedesk:sd-customer-organizations',
  },
};

export function customSchema(field: CustomField): object {
  return { ...CUSTOM_TYPES[field.kind], customId: Number(field.id.slice('customfield_'.length)) };
}

function customField(context: SiteContext, field: CustomField): FieldMeta {
  const meta = { required: false, schema: customSchema(field), name: field.name, key: field.id, operations: ['set'] };
  if (field.kind === 'select') {
    return { ...meta, allowedValues: field.options.map((option) => drawOption({ context, version: 3 }, option)) };
  }
  return field.kind === 'user' ? { ...meta, autoCompleteUrl: `${base(context, 3)}/user/picker?query=` } : meta;
}
