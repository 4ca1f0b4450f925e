import { existsSync, readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { sharedFile } from '../../support/shared.ts';
import { isRecord, type Json, listIn, recordIn, textIn } from '../jira/json.ts';

const FILE = sharedFile('data/openapi/qdrant.1.19.json');

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Operation {
  readonly name: string;
  readonly parameters: readonly Json[];
  readonly validate: ValidateFunction | null;
}

let isTold = false;

/** What a request does against Qdrant's own OpenAPI document, in words; null when it is as documented. */
export function violationOf(asked: Asked): string | null {
  if (!existsSync(FILE)) {
    if (!isTold) console.info(`requests to Qdrant are not checked: there is no ${FILE}`);
    isTold = true;
    return null;
  }
  const operation = operationFor(asked);
  if (!operation) return `${asked.method} ${asked.path} is not documented`;
  const fault = queryFault(operation, asked.query) ?? bodyFault(operation, asked.body);
  return fault === null ? null : `${operation.name}: ${fault}`;
}

const known = new Map<string, Operation>();
let document: Json | null = null;

function operationFor({ method, path }: Asked): Operation | null {
  document ??= tightened(JSON.parse(readFileSync(FILE, 'utf8')));
  const paths = recordIn(document, 'paths');
  const segments = path.split('/');
  const fits = (template: string) => {
    const parts = template.split('/');
    return parts.length === segments.length && parts.every((part, at) => part.startsWith('{') || part === segments[at]);
  };
  const variables = (template: string) => template.split('{').length;
  const template = Object.keys(paths)
    .filter(fits)
    .sort((one, other) => variables(one) - variables(other))[0];
  const found = template === undefined ? undefined : recordIn(paths, template)[method.toLowerCase()];
  if (template === undefined || !isRecord(found)) return null;
  const name = `${method} ${template}`;
  const operation = known.get(name) ?? {
    name,
    parameters: listIn(found, 'parameters').filter(isRecord),
    validate: validatorOf(found, document),
  };
  known.set(name, operation);
  return operation;
}

function validatorOf(operation: Json, { components }: Json): ValidateFunction | null {
  const content = recordIn(recordIn(operation, 'requestBody'), 'content');
  const schema = recordIn(recordIn(content, 'application/json'), 'schema');
  if (Object.keys(schema).length === 0) return null;
  const ajv = new Ajv({ strict: false, logger: false });
  formats.default(ajv);
  return ajv.compile({ ...schema, components });
}

/**
 * The document is lenient where Rust is not, and where a misspelt field would be ignored: objects take what they name and
 * nothing else, and null is null.
 */
function tightened(node: unknown): Json {
  const tight = tighten(node);
  return isRecord(tight) ? tight : {};
}

function tighten(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tighten);
  if (!isRecord(node)) return node;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, tighten(value)]));
  if (nullable === true && Object.keys(rest).length === 0) return { type: 'null' };
  const isClosed = isRecord(rest['properties']) && rest['additionalProperties'] === undefined;
  const closed = isClosed ? { ...rest, additionalProperties: false } : rest;
  const type = textIn(rest, 'type');
  return nullable === true && type !== undefined ? { ...closed, type: [type, 'null'] } : closed;
}

function queryFault({ parameters }: Operation, given: Asked['query']): string | null {
  const documented = parameters.filter((parameter) => parameter['in'] === 'query');
  for (const [name, value] of Object.entries(given)) {
    const parameter = documented.find((candidate) => candidate['name'] === name);
    if (!parameter) return `unknown query parameter '${name}'`;
    const type = textIn(recordIn(parameter, 'schema'), 'type');
    if (type === 'boolean' && !['true', 'false'].includes(value)) return `'${name}' is not a boolean`;
    if (type === 'integer' && !/^\d+$/.test(value)) return `'${name}' is not an integer`;
  }
  return null;
}

function bodyFault({ validate }: Operation, body: unknown): string | null {
  if (validate === null) return body === undefined ? null : 'takes no body';
  if (validate(body)) return null;
  const faults = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return `body ${faults.slice(0, 20).join('; ')}`;
}
