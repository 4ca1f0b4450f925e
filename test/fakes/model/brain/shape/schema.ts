import { isRecord, type Json, listIn, recordIn } from '../../../jira/json.ts';
import type { Said } from '../brain.ts';

/** The properties of an object schema, in order. */
export function propertiesOf(schema: Json): readonly (readonly [name: string, schema: Json])[] {
  return Object.entries(recordIn(schema, 'properties')).flatMap(([name, property]) =>
    isRecord(property) ? [[name, property] as const] : [],
  );
}

/** The strings a property may be, or may hold when it is an array; null when they are not listed. */
export function allowedIn(property: Json): readonly string[] | null {
  const holder = typeOf(property) === 'array' ? recordIn(property, 'items') : property;
  const values = holder['enum'] === undefined ? [holder['const']] : listIn(holder, 'enum');
  const strings = values.filter((value) => typeof value === 'string');
  return strings.length > 0 ? strings : null;
}

/** Whether a property is for references of what was shown, by its name. */
export function isCiting(name: string): boolean {
  return /evidence|cite|citation|source|refs?$|keys?$/i.test(name);
}

/** The type, or the first that is not null. */
export function typeOf(property: Json): string {
  const type = property['type'];
  const types = Array.isArray(type) ? type : [type];
  const first: unknown = types.find((one) => typeof one === 'string' && one !== 'null');
  if (typeof first === 'string') return first;
  return recordIn(property, 'properties') === property['properties'] ? 'object' : 'string';
}

/**
 * What comes out of a decoder that can only follow the schema, when the model wanted to say this: its properties, in its
 * order, of its types, and of its values the one that begins most like what was meant.
 */
export function constrained(said: Said, schema: Json): Json {
  const meant = typeof said === 'string' ? { rationale: said } : said;
  return Object.fromEntries(propertiesOf(schema).map(([name, property]) => [name, fitting(meant[name], property)]));
}

function fitting(meant: unknown, property: Json): unknown {
  const allowed = allowedIn(property);
  switch (typeOf(property)) {
    case 'array':
      return fittingList(meant, property);
    case 'object':
      return constrained(isRecord(meant) ? meant : {}, property);
    case 'boolean':
      return meant === true;
    case 'integer':
    case 'number':
      return fittingNumber(meant, property);
    default:
      return allowed ? nearest(meant, allowed) : textFor(meant, property);
  }
}

function fittingList(meant: unknown, property: Json): unknown[] {
  const list: unknown[] = Array.isArray(meant) ? meant : [];
  const allowed = allowedIn(property);
  const items = allowed
    ? list.filter((one) => typeof one === 'string' && allowed.includes(one))
    : list.map((one) => fitting(one, recordIn(property, 'items')));
  const [least, most] = [Number(property['minItems'] ?? 0), Number(property['maxItems'] ?? items.length)];
  while (allowed && items.length < least) items.push(allowed[0]);
  return items.slice(0, most);
}

function fittingNumber(meant: unknown, property: Json): number {
  const [least, most] = [Number(property['minimum'] ?? 0), Number(property['maximum'] ?? Number.MAX_SAFE_INTEGER)];
  const number = Math.min(most, Math.max(least, typeof meant === 'number' ? meant : least));
  return typeOf(property) === 'integer' ? Math.round(number) : number;
}

function textFor(meant: unknown, property: Json): string {
  const text = typeof meant === 'string' ? meant : meant === undefined ? '' : JSON.stringify(meant);
  const most = property['maxLength'];
  return typeof most === 'number' ? text.slice(0, most) : text;
}

function nearest(meant: unknown, allowed: readonly string[]): string {
  const wish = String(meant ?? '');
  let [best = '', length] = [allowed[0], -1];
  for (const value of allowed) {
    const shared = value === wish ? Number.POSITIVE_INFINITY : sharedStart(value.toLowerCase(), wish.toLowerCase());
    if (shared > length) [best, length] = [value, shared];
  }
  return best;
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
