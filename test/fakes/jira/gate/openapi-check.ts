import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import type { Json } from '../json.ts';
import { isRecord, recordIn, textIn } from '../json.ts';
import type { Operation } from './openapi-document.ts';
import { documentedOperations } from './openapi-document.ts';

export interface CheckedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** What the request does against the documents, in words; undefined when it is as documented, or not documented at all. */
export function violationOf(request: CheckedRequest): string | undefined {
  const operation = operationFor(request);
  if (!operation) return undefined;
  const fault = queryFault(operation, request.query) ?? bodyFault(operation, request);
  return fault === undefined ? undefined : `${operation.name}: ${fault}`;
}

export function isDocumented(request: Pick<CheckedRequest, 'method' | 'path'>): boolean {
  return operationFor(request) !== undefined;
}

const byShape = new Map<string, Operation | undefined>();

function operationFor({ method, path }: Pick<CheckedRequest, 'method' | 'path'>): Operation | undefined {
  const segments = path.split('/');
  const shape = `${method} ${segments.map((part) => (/^\d+$|^[A-Z][A-Z0-9_]+-\d+$/.test(part) ? '*' : part)).join('/')}`;
  const cached = byShape.get(shape);
  if (cached) return cached;
  const candidates = documentedOperations().filter(
    (operation) =>
      operation.method === method &&
      operation.segments.length === segments.length &&
      fits(operation.segments, segments),
  );
  const best = candidates.toSorted((one, other) => variables(one) - variables(other))[0];
  if (best && byShape.size < 1_000) byShape.set(shape, best);
  return best;
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  return template.every((part, index) => part.startsWith('{') || part === segments[index]);
}

function variables({ segments }: Operation): number {
  return segments.filter((part) => part.startsWith('{')).length;
}

function queryFault({ query }: Operation, given: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(given)) {
    const parameter = query.find((candidate) => textIn(candidate, 'name') === name);
    if (!parameter) return `unknown query parameter '${name}'`;
    const fault = valueFault(recordIn(parameter, 'schema'), value);
    if (fault) return `query parameter '${name}' ${fault}`;
  }
  const missing = query.find(
    (parameter) => parameter['required'] === true && !((textIn(parameter, 'name') ?? '') in given),
  );
  return missing && `missing query parameter '${textIn(missing, 'name')}'`;
}

function valueFault(schema: Json, value: unknown): string | undefined {
  const type = textIn(schema, 'type');
  if (type === 'array') return each(value).flatMap((item) => valueFault(recordIn(schema, 'items'), item) ?? [])[0];
  if (typeof value !== 'string') return 'is repeated';
  if (type === 'boolean' && !['true', 'false'].includes(value)) return 'is not a boolean';
  if (type === 'integer' && !/^-?\d+$/.test(value)) return 'is not an integer';
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) return 'is not one of the allowed values';
  const maxLength = schema['maxLength'];
  return typeof maxLength === 'number' && value.length > maxLength ? 'is too long' : undefined;
}

function each(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'string' ? value.split(',') : [];
}

function bodyFault(operation: Operation, { body }: CheckedRequest): string | undefined {
  if (!operation.body) return body === undefined ? undefined : 'takes no body';
  if (body === undefined) return operation.body.required ? 'needs a body' : undefined;
  const validate = validatorOf(operation, operation.body.schema);
  const subject = forgiven(operation, body);
  if (!validate(subject))
    return (validate.errors ?? [])
      .map((error) => `body${error.instancePath} ${error.message}${extra(error.params)}`)
      .join('; ');
  const readOnly = isRecord(subject) ? Object.keys(subject).find((key) => isReadOnly(operation, key)) : undefined;
  return readOnly && `body/${readOnly} is read-only: it would be ignored`;
}

function extra(params: Json): string {
  const name = params['additionalProperty'];
  return typeof name === 'string' ? ` ('${name}')` : '';
}

/** The documents know no null; the real service unassigns with it. */
function forgiven({ name }: Operation, body: unknown): unknown {
  if (name !== 'PUT /rest/api/3/issue/{issueIdOrKey}/assignee' || !isRecord(body) || body['accountId'] !== null)
    return body;
  const { accountId: _, ...rest } = body;
  return rest;
}

function isReadOnly({ body, schemas }: Operation, key: string): boolean {
  const schema = resolve(schemas, body?.schema ?? {});
  return recordIn(recordIn(schema, 'properties'), key)['readOnly'] === true;
}

function resolve(schemas: Json, schema: Json): Json {
  const name = textIn(schema, '$ref')?.split('/').at(-1);
  return name === undefined ? schema : recordIn(schemas, name);
}

const validators = new Map<string, ValidateFunction>();

/** Compiled on first use, with only the schemas the body reaches. */
function validatorOf(operation: Operation, schema: Json): ValidateFunction {
  const known = validators.get(operation.name);
  if (known) return known;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const reached: Record<string, unknown> = {};
  collect(operation.schemas, schema, reached);
  const validate = ajv.compile({ ...schema, components: { schemas: reached } });
  validators.set(operation.name, validate);
  return validate;
}

function collect(schemas: Json, node: unknown, reached: Record<string, unknown>): void {
  if (Array.isArray(node)) for (const child of node) collect(schemas, child, reached);
  if (!isRecord(node)) return;
  const name = textIn(node, '$ref')?.split('/').at(-1);
  if (name !== undefined && !Object.hasOwn(reached, name)) {
    reached[name] = schemas[name];
    collect(schemas, schemas[name], reached);
  }
  for (const child of Object.values(node)) collect(schemas, child, reached);
}
