import type { Actor, SiteContext } from '../context.ts';
import type { IssueFields } from '../model.ts';
import type { Named } from '../state/directory.ts';
import { byName, statusOf } from '../state/directory.ts';
import type { IssueRecord } from '../state/store.ts';
import { findRecord } from '../state/store.ts';

/** An issue as the index shows it to a search. */
export interface Row {
  readonly record: IssueRecord;
  readonly fields: IssueFields;
}

/** A field that holds names. `resolve` turns what JQL says into what the field holds, or says it is unknown. */
export interface NameField {
  readonly values: (row: Row) => readonly (string | null)[];
  readonly resolve: (value: string) => string | undefined;
  readonly unknown: (value: string) => string;
}

const CATEGORY_NAMES: Readonly<Record<string, string>> = {
  'to do': 'new',
  new: 'new',
  'in progress': 'indeterminate',
  indeterminate: 'indeterminate',
  done: 'done',
};

export function dateField(name: string): ((row: Row) => number | null) | undefined {
  const fields: Record<string, (row: Row) => number | null> = {
    created: (row) => row.fields.created,
    createddate: (row) => row.fields.created,
    updated: (row) => row.fields.updated,
    updateddate: (row) => row.fields.updated,
    resolved: (row) => row.fields.resolved,
    resolutiondate: (row) => row.fields.resolved,
    statuscategorychangeddate: (row) => row.fields.statusChanged,
  };
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function nameField(context: SiteContext, actor: Actor, name: string): NameField | undefined {
  const wanted = name.toLowerCase();
  const people = personField(context, actor, wanted);
  if (people) return people;
  const makers: Record<string, () => NameField> = {
    project: () => projectField(context),
    key: () => keyField(context),
    issuekey: () => keyField(context),
    id: () => keyField(context),
    issue: () => keyField(context),
    status: () => listed('status', context.directory.statuses, (row) => [row.fields.status]),
    statuscategory: () => categoryField(context),
    resolution: () => resolutionField(context),
    priority: () => listed('priority', context.directory.priorities, (row) => [row.fields.priority]),
    labels: () => openField((row) => row.fields.labels),
    component: () => listed('component', allOf(context, 'components'), (row) => row.fields.components),
    issuetype: () => listed('issuetype', allOf(context, 'issueTypes'), (row) => [row.fields.issueType]),
    type: () => listed('issuetype', allOf(context, 'issueTypes'), (row) => [row.fields.issueType]),
    level: () => openField((row) => [row.fields.securityLevel]),
  };
  return Object.hasOwn(makers, wanted) ? makers[wanted]?.() : customField(context, wanted);
}

function projectField({ directory }: SiteContext): NameField {
  const projects = [...directory.projects.values()];
  return {
    values: (row) => [row.record.projectKey],
    resolve: (value) =>
      projects.find((project) => same(project.key, value) || project.id === value || same(project.name, value))?.key,
    unknown: (value) => missing('project', value),
  };
}

function keyField({ store }: SiteContext): NameField {
  return {
    values: (row) => [row.record.id],
    resolve: (value) => findRecord(store, value)?.id,
    unknown: (value) => `An issue with key '${value}' does not exist for field 'key'.`,
  };
}

function categoryField({ directory }: SiteContext): NameField {
  return {
    values: (row) => [statusOf(directory, row.fields.status).category],
    resolve: (value) => CATEGORY_NAMES[value.toLowerCase()],
    unknown: (value) => missing('statusCategory', value),
  };
}

function resolutionField({ directory }: SiteContext): NameField {
  const known = () => [...directory.resolutions.keys(), 'Done'];
  return {
    values: (row) => [row.fields.resolution],
    resolve: (value) => (same(value, 'unresolved') ? '' : known().find((name) => same(name, value))),
    unknown: (value) => missing('resolution', value),
  };
}

function personField({ directory }: SiteContext, actor: Actor, name: string): NameField | undefined {
  const readers: Record<string, (row: Row) => string | null> = {
    assignee: (row) => row.fields.assignee,
    reporter: (row) => row.fields.reporter,
    creator: (row) => row.fields.creator,
  };
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (!read) return undefined;
  const me = actor.kind === 'user' ? actor.user.accountId : undefined;
  return {
    values: (row) => [read(row)],
    resolve: (value) => (value === 'currentUser()' ? me : directory.users.get(value)?.accountId),
    unknown: (value) => missing(name, value),
  };
}

function customField({ directory }: SiteContext, name: string): NameField | undefined {
  const id = /^cf\[(\d+)\]$/.exec(name)?.[1];
  const field = directory.fields.find(
    (candidate) => same(candidate.name, name) || candidate.id === `customfield_${id}`,
  );
  if (!field) return undefined;
  const values = (row: Row) => [row.fields.custom[field.id] ?? null];
  return field.kind === 'select' ? listed(field.name, field.options, values) : openField(values);
}

function listed(field: string, known: readonly Named[], values: NameField['values']): NameField {
  const resolve = (value: string) =>
    (byName(known, value) ?? known.find((entry) => same(entry.name, value) || entry.id === value))?.name;
  return { values, resolve, unknown: (value) => missing(field, value) };
}

function openField(values: NameField['values']): NameField {
  return { values, resolve: (value) => value, unknown: (value) => value };
}

function allOf({ directory }: SiteContext, list: 'components' | 'issueTypes'): Named[] {
  return [...directory.projects.values()].flatMap((project) => project[list]);
}

function missing(field: string, value: string): string {
  return `The value '${value}' does not exist for the field '${field}'.`;
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
