import { errorBody, fieldRefusal, Refusal } from '../gate/reply.ts';
import { isRecord, listIn, textIn } from '../json.ts';
import type { IssueFields } from '../model.ts';
import { editableFields } from '../render/editmeta.ts';
import type { Desk, Operation } from './fields.ts';
import { FieldError, operationsOf } from './fields.ts';

export interface Edit {
  readonly after: IssueFields;
  readonly properties: readonly { readonly key: string; readonly value: unknown }[];
}

interface Step {
  readonly field: string;
  readonly verb: string;
  readonly value: unknown;
}

export const MAX_PROPERTY = 32_768;

/** Reads the body of an edit against the issue. One value refused refuses the whole edit. */
export function readEdit(desk: Desk, body: unknown, mayEdit: boolean): Edit {
  if (!isRecord(body)) throw new Refusal({ status: 400, body: errorBody(["one of 'fields' or 'update' required"]) });
  const errors: Record<string, string> = {};
  const editable = mayEdit ? editableFields(desk.context, desk.record) : {};
  let after = desk.record.fields;
  for (const step of stepsOf(body, errors)) {
    const operations = Object.hasOwn(editable, step.field) ? operationsOf(desk, step.field) : undefined;
    if (!operations) errors[step.field] ??= notOnScreen(step.field);
    if (operations) after = take(operations, { step, after, errors });
  }
  const properties = listIn(body, 'properties').map(readProperty);
  if (Object.keys(errors).length > 0) throw fieldRefusal(errors);
  if (after === desk.record.fields && !('fields' in body || 'update' in body) && properties.length === 0) {
    throw new Refusal({ status: 400, body: errorBody(["one of 'fields' or 'update' required"]) });
  }
  return { after, properties };
}

function take(
  operations: Readonly<Record<string, Operation>>,
  { step, after, errors }: { step: Step; after: IssueFields; errors: Record<string, string> },
): IssueFields {
  const operation = Object.hasOwn(operations, step.verb) ? operations[step.verb] : undefined;
  if (!operation) {
    errors[step.field] ??=
      `Field '${step.field}' does not support operation '${step.verb}'. Supported operation(s) are: '${Object.keys(operations).join(', ')}'`;
    return after;
  }
  try {
    return operation(after, step.value);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    errors[step.field] ??= error.message;
    return after;
  }
}

function stepsOf(body: Readonly<Record<string, unknown>>, errors: Record<string, string>): Step[] {
  const fields = isRecord(body['fields']) ? body['fields'] : {};
  const update = isRecord(body['update']) ? body['update'] : {};
  for (const field of Object.keys(fields)) {
    if (field in update) errors[field] = `Field '${field}' cannot appear in both 'fields' and 'update'`;
  }
  const sets = Object.entries(fields).map(([field, value]) => ({ field, verb: 'set', value }));
  return [...sets, ...Object.entries(update).flatMap(([field, operations]) => verbsOf(field, operations, errors))];
}

function verbsOf(field: string, operations: unknown, errors: Record<string, string>): Step[] {
  if (!Array.isArray(operations)) {
    errors[field] = 'data was not an array';
    return [];
  }
  return operations.flatMap((operation) =>
    Object.entries(isRecord(operation) ? operation : {}).map(([verb, value]) => ({ field, verb, value })),
  );
}

function readProperty(entry: unknown): { key: string; value: unknown } {
  const key = isRecord(entry) ? textIn(entry, 'key') : undefined;
  if (!isRecord(entry) || key === undefined || entry['value'] === undefined) {
    throw new Refusal({ status: 400, body: errorBody(['A property needs a key and a value.']) });
  }
  assertProperty(key, JSON.stringify(entry['value']));
  return { key, value: entry['value'] };
}

/** Keys up to 255 characters, values up to 32,768. */
export function assertProperty(key: string, json: string): void {
  if (key.length > 255)
    throw propertyRefusal(
      `The property key cannot be longer than 255 characters. The actual length was ${key.length}.`,
    );
  if (json.length > MAX_PROPERTY)
    throw propertyRefusal(
      `The property value cannot be longer than ${MAX_PROPERTY} characters. The actual length was ${json.length}.`,
    );
}

function propertyRefusal(message: string): Refusal {
  return new Refusal({ status: 400, body: errorBody([message]) });
}

function notOnScreen(field: string): string {
  return `Field '${field}' cannot be set. It is not on the appropriate screen, or unknown.`;
}
