import type { z } from 'zod';
import { badRequest, type Refusal } from '../gate/fault.ts';

type Issue = z.core.$ZodIssue;

/** The first thing wrong with a body, in OpenAI's words. */
export function faultOf(error: z.ZodError, body: unknown): Refusal {
  const issue = innermost(error.issues);
  if (!issue) return badRequest('We could not parse the JSON body of your request.');
  const param = nameOf(issue.path);
  const given = valueAt(body, issue.path);
  if (issue.code === 'unrecognized_keys') return unknownFault(issue.keys, issue.path);
  if (given === undefined) return missing(param);
  if (issue.code === 'invalid_type') return wrongType(param, issue.expected, given);
  if (issue.code === 'too_big' || issue.code === 'too_small') return outOfRange(param, issue, given);
  if (issue.code === 'invalid_format')
    return badRequest(
      `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      param,
      'invalid_value',
    );
  const allowed =
    issue.code === 'invalid_value'
      ? ` Supported values are: ${issue.values.map((value) => `'${String(value)}'`).join(', ')}.`
      : '';
  return badRequest(`Invalid value: ${said(given)}.${allowed}`, param, 'invalid_value');
}

/** A union reports what is wrong with each of its members: the one that came furthest is what the caller meant. */
function innermost(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues;
  if (first?.code !== 'invalid_union' || first.errors.length === 0) return first;
  const deepest = first.errors
    .map((errors) => innermost(errors))
    .filter((issue) => issue !== undefined)
    .toSorted((left, right) => right.path.length - left.path.length)[0];
  return deepest ? { ...deepest, path: [...first.path, ...deepest.path] } : first;
}

function unknownFault(keys: readonly string[], path: readonly PropertyKey[]): Refusal {
  const [key = ''] = keys;
  // Only the top level says "request argument", and leaves `param` empty.
  if (path.length === 0)
    return badRequest(`Unrecognized request argument${keys.length > 1 ? 's' : ''} supplied: ${keys.join(', ')}`);
  const param = nameOf([...path, key]);
  return badRequest(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
}

function missing(param: string): Refusal {
  if (param === 'model') return badRequest('you must provide a model parameter');
  return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

const TYPES = new Map([
  ['number', 'a decimal'],
  ['int', 'an integer'],
  ['string', 'a string'],
  ['boolean', 'a boolean'],
  ['array', 'an array'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

function wrongType(param: string, expected: string, given: unknown): Refusal {
  const wanted = TYPES.get(expected) ?? expected;
  return badRequest(
    `Invalid type for '${param}': expected ${wanted}, but got ${typeNamed(given)} instead.`,
    param,
    'invalid_type',
  );
}

function typeNamed(given: unknown): string {
  if (given === null) return 'null';
  if (Array.isArray(given)) return 'an array';
  if (typeof given === 'number') return Number.isInteger(given) ? 'an integer' : 'a decimal number';
  return TYPES.get(typeof given) ?? typeof given;
}

function outOfRange(param: string, issue: Issue & { code: 'too_big' | 'too_small' }, given: unknown): Refusal {
  if (issue.origin === 'array' && Array.isArray(given) && given.length === 0)
    return badRequest(
      `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
      param,
      'empty_array',
    );
  if (issue.origin === 'string')
    return badRequest(
      `Invalid '${param}': string too long. Expected a string with maximum length ${issue.code === 'too_big' ? issue.maximum : ''}, but got a string with length ${String(given).length} instead.`,
      param,
      'string_above_max_length',
    );
  const kind = issue.origin === 'int' ? 'integer' : 'decimal';
  const [side, sign, bound] =
    issue.code === 'too_big' ? ['above maximum', '<=', issue.maximum] : ['below minimum', '>=', issue.minimum];
  return badRequest(
    `Invalid '${param}': ${kind} ${side} value. Expected a value ${sign} ${bound}, but got ${String(given)} instead.`,
    param,
    `${kind}_${issue.code === 'too_big' ? 'above_max' : 'below_min'}_value`,
  );
}

/** `messages[0].content`. */
function nameOf(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = new Map(Object.entries(value)).get(String(step));
  }
  return value;
}

function said(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
