import type { SiteContext } from '../context.ts';
import { isRecord, textIn } from '../json.ts';
import type { IssueFields } from '../model.ts';
import type { CustomField, Named } from '../state/directory.ts';
import { isAssignable, projectOf } from '../state/directory.ts';
import { labelSet, withCustom } from '../state/fields.ts';
import type { IssueRecord } from '../state/store.ts';
import { isDocument } from './adf-check.ts';

/** Why a value cannot go into a field, in Jira's words. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}

export interface Desk {
  readonly context: SiteContext;
  readonly record: IssueRecord;
}

export type Operation = (fields: IssueFields, value: unknown) => IssueFields;

/** The verbs a field takes, each as a step from values to values. `undefined`: no such editable field. */
export function operationsOf(desk: Desk, id: string): Readonly<Record<string, Operation>> | undefined {
  const known: Record<string, () => Readonly<Record<string, Operation>>> = {
    summary: () => ({ set: (fields, value) => ({ ...fields, summary: summary(value) }) }),
    description: () => ({ set: (fields, value) => ({ ...fields, description: description(value) }) }),
    issuetype: () => ({ set: (fields, value) => ({ ...fields, issueType: issueType(desk, value) }) }),
    priority: () => ({ set: (fields, value) => ({ ...fields, priority: priority(desk, value) }) }),
    assignee: () => ({ set: (fields, value) => ({ ...fields, assignee: assignee(desk, value) }) }),
    labels: () => labelOperations,
    components: () => componentOperations(desk),
  };
  if (Object.hasOwn(known, id)) return known[id]?.();
  const field = desk.context.directory.fields.find((candidate) => candidate.id === id);
  return (
    field && {
      set: (fields, value) => ({
        ...fields,
        custom: withCustom(fields.custom, { [id]: customValue(desk, field, value) }),
      }),
    }
  );
}

const labelOperations: Readonly<Record<string, Operation>> = {
  set: (fields, value) => ({ ...fields, labels: labelSet(list(value).map(label)) }),
  add: (fields, value) => ({ ...fields, labels: labelSet([...fields.labels, label(value)]) }),
  remove: (fields, value) => ({ ...fields, labels: fields.labels.filter((entry) => entry !== value) }),
};

function componentOperations(desk: Desk): Readonly<Record<string, Operation>> {
  const known = projectOf(desk.context.directory, desk.record.projectKey).components;
  const one = (value: unknown) => pick(known, value, 'Component').name;
  return {
    set: (fields, value) => ({ ...fields, components: [...new Set(list(value).map(one))] }),
    add: (fields, value) => ({ ...fields, components: [...new Set([...fields.components, one(value)])] }),
    remove: (fields, value) => ({ ...fields, components: fields.components.filter((name) => name !== one(value)) }),
  };
}

/** An account id that may be assigned here, or null for nobody. */
export function assignee({ context, record }: Desk, value: unknown): string | null {
  if (value === null) return null;
  if (!isRecord(value)) throw new FieldError('data was not an object');
  const accountId = value['accountId'] === undefined ? value['id'] : value['accountId'];
  if (accountId === null) return null;
  return assignableId(context, record, accountId);
}

export function assignableId(context: SiteContext, _record: IssueRecord, accountId: unknown): string | null {
  if (accountId === '-1') return null;
  if (typeof accountId !== 'string') throw new FieldError('expected Object containing an accountId property');
  const user = context.directory.users.get(accountId);
  if (!user) throw new FieldError(`User '${accountId}' does not exist.`);
  if (!isAssignable(user)) throw new FieldError(`User '${accountId}' cannot be assigned issues.`);
  return accountId;
}

function summary(value: unknown): string {
  if (typeof value !== 'string') throw new FieldError('Operation value must be a string');
  if (value.trim() === '') throw new FieldError('You must specify a summary of the issue.');
  if (/[\r\n]/.test(value)) throw new FieldError('The summary is invalid because it contains newline characters.');
  if (value.length > 255) throw new FieldError('Summary must be less than 255 characters.');
  return value;
}

function description(value: unknown): IssueFields['description'] {
  if (value === null) return null;
  if (isDocument(value)) return value;
  throw new FieldError('Operation value must be an Atlassian Document (see the Atlassian Document Format)');
}

function issueType({ context, record }: Desk, value: unknown): string {
  return pick(projectOf(context.directory, record.projectKey).issueTypes, value, 'Issue type').name;
}

function priority({ context }: Desk, value: unknown): string | null {
  return value === null ? null : pick(context.directory.priorities, value, 'Priority').name;
}

function label(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new FieldError('string expected at index 0');
  if (/\s/.test(value)) throw new FieldError(`The label '${value}' contains spaces which is invalid.`);
  if (value.length > 255) throw new FieldError(`The label '${value}' exceeds the maximum length of 255 characters.`);
  return value;
}

function customValue(desk: Desk, field: CustomField, value: unknown): string | null {
  if (value === null) return null;
  if (field.kind === 'select') return option(field, value).name;
  if (field.kind === 'user') return account(desk, value);
  if (typeof value !== 'string') throw new FieldError('Operation value must be a string');
  if (value.length > 255)
    throw new FieldError('The entered text is too long. It exceeds the allowed limit of 255 characters.');
  return value === '' ? null : value;
}

function option(field: CustomField, value: unknown): Named {
  if (!isRecord(value)) throw new FieldError(`Specify a valid 'id' or 'name' for ${field.name}`);
  const id = textIn(value, 'id');
  const name = textIn(value, 'value');
  const hit = field.options.find((entry) => (id === undefined ? entry.name === name : entry.id === id));
  if (hit) return hit;
  throw new FieldError(
    id === undefined ? `Option value '${name ?? ''}' is not valid` : `Option id '${id}' is not valid`,
  );
}

function account({ context }: Desk, value: unknown): string {
  const accountId = isRecord(value) ? (textIn(value, 'accountId') ?? textIn(value, 'id')) : undefined;
  if (accountId === undefined) throw new FieldError('data was not an object');
  if (!context.directory.users.has(accountId)) throw new FieldError(`User '${accountId}' does not exist.`);
  return accountId;
}

function pick(known: readonly Named[], value: unknown, what: string): Named {
  if (!isRecord(value)) throw new FieldError('data was not an object');
  const id = textIn(value, 'id');
  const name = textIn(value, 'name');
  const hit = known.find((entry) => (id === undefined ? entry.name === name : entry.id === id));
  if (hit) return hit;
  throw new FieldError(
    id === undefined ? `${what} name '${name ?? ''}' is not valid` : `${what} id '${id}' is not valid`,
  );
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new FieldError('data was not an array');
  return value;
}
