import type { ChangeItem, IssueFields } from '../model.ts';
import { richTextToWiki } from '../render/adf.ts';
import type { CustomField, Directory, Named } from './directory.ts';
import { byName, projectOf, resolutionOf, securityLevelOf, statusOf, userOf } from './directory.ts';

type Side = readonly [id: string | null, text: string | null];

interface Step {
  readonly before: IssueFields;
  readonly after: IssueFields;
  readonly projectKey: string;
}

/** What Jira's changelog says about the step from one set of values to the next; empty when nothing changed. */
export function itemsBetween(directory: Directory, step: Step): ChangeItem[] {
  const { before, after, projectKey } = step;
  const sides = (read: (fields: IssueFields) => Side) => [read(before), read(after)] as const;
  const { components } = projectOf(directory, projectKey);
  return [
    ...textItems(sides),
    ...choiceItems(directory, projectKey, sides),
    ...componentItems(components, before.components, after.components),
    person(directory, 'assignee', [before.assignee, after.assignee]),
    person(directory, 'reporter', [before.reporter, after.reporter]),
    ...directory.fields.map((field) =>
      item(
        field.name,
        field.id,
        sides((fields) => custom(directory, field, fields)),
      ),
    ),
  ].filter((entry) => entry !== undefined);
}

type Sides = (read: (fields: IssueFields) => Side) => readonly [Side, Side];

function textItems(sides: Sides): (ChangeItem | undefined)[] {
  return [
    item(
      'summary',
      'summary',
      sides((fields) => [null, fields.summary]),
    ),
    item(
      'description',
      'description',
      sides((fields) => [null, richTextToWiki(fields.description)]),
    ),
    item(
      'labels',
      'labels',
      sides((fields) => [null, fields.labels.join(' ')]),
    ),
  ];
}

function choiceItems(directory: Directory, projectKey: string, sides: Sides): (ChangeItem | undefined)[] {
  const { issueTypes } = projectOf(directory, projectKey);
  const resolution = (name: string) => resolutionOf(directory, name);
  const level = (name: string) => securityLevelOf(directory, name);
  return [
    item(
      'issuetype',
      'issuetype',
      sides((fields) => named(issueTypes, fields.issueType)),
    ),
    item(
      'priority',
      'priority',
      sides((fields) => named(directory.priorities, fields.priority)),
    ),
    item(
      'status',
      'status',
      sides((fields) => [statusOf(directory, fields.status).id, fields.status]),
    ),
    item(
      'resolution',
      'resolution',
      sides((fields) => lookup(fields.resolution, resolution)),
    ),
    item(
      'security',
      'security',
      sides((fields) => lookup(fields.securityLevel, level)),
    ),
  ];
}

/** What Jira lists in the changelog of a creation: the values that were set, from nothing. */
export function itemsOfCreation(directory: Directory, fields: IssueFields, projectKey: string): ChangeItem[] {
  const empty: IssueFields = {
    ...fields,
    summary: '',
    description: null,
    priority: null,
    labels: [],
    components: [],
    assignee: null,
    custom: {},
    resolution: null,
    securityLevel: null,
  };
  const status = statusOf(directory, fields.status);
  const none: Side = [null, null];
  const changed = itemsBetween(directory, { before: empty, after: fields, projectKey });
  return [
    ...changed.map((entry) => (entry.fromString === '' ? { ...entry, fromString: null } : entry)),
    item('Status', 'status', [none, [status.id, status.name]]),
    person(directory, 'reporter', [null, fields.reporter]),
  ].filter((entry) => entry !== undefined);
}

function item(field: string, fieldId: string, [before, after]: readonly [Side, Side]): ChangeItem | undefined {
  if (before[0] === after[0] && before[1] === after[1]) return undefined;
  const fieldtype = fieldId.startsWith('customfield_') ? 'custom' : 'jira';
  return { field, fieldtype, fieldId, from: before[0], fromString: before[1], to: after[0], toString: after[1] };
}

function person(
  directory: Directory,
  field: string,
  [from, to]: readonly [string | null, string | null],
): ChangeItem | undefined {
  const side = (accountId: string | null): Side =>
    lookup(accountId, (id) => ({ id, name: displayName(directory, id) }));
  const change = item(field, field, [side(from), side(to)]);
  return change && { ...change, tmpFromAccountId: from, tmpToAccountId: to };
}

function componentItems(
  known: readonly Named[],
  before: readonly string[],
  after: readonly string[],
): (ChangeItem | undefined)[] {
  const none: Side = [null, null];
  const removed = before.filter((name) => !after.includes(name));
  const added = after.filter((name) => !before.includes(name));
  return [
    ...removed.map((name) => item('Component', 'components', [named(known, name), none])),
    ...added.map((name) => item('Component', 'components', [none, named(known, name)])),
  ];
}

function custom(directory: Directory, field: CustomField, fields: IssueFields): Side {
  const value = fields.custom[field.id];
  if (value === undefined) return [null, null];
  if (field.kind === 'select') return named(field.options, value);
  if (field.kind === 'user') return [value, displayName(directory, value)];
  return [null, field.kind === 'organizations' ? value.replaceAll('|', ', ') : value];
}

function displayName(directory: Directory, accountId: string): string {
  const user = userOf(directory, accountId);
  return user.displayName ?? user.accountId;
}

function named(known: readonly Named[], name: string | null): Side {
  return lookup(name, (wanted) => byName(known, wanted) ?? { id: wanted, name: wanted });
}

function lookup(name: string | null, find: (name: string) => Named): Side {
  if (name === null) return [null, null];
  const entry = find(name);
  return [entry.id, entry.name];
}
