import { isRecord, type Json, listIn, recordIn } from '../../jira/json.ts';

/** Keywords OpenAI's strict mode takes; it answers 400 to any other. */
const PERMITTED = new Set([
  'type',
  'enum',
  'const',
  'description',
  'title',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'minItems',
  'maxItems',
  'anyOf',
  '$ref',
  '$defs',
  'definitions',
  '$schema',
  // Documented as supported since 2025, except for fine-tuned models.
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
]);

const MAX_DEPTH = 10;
const MAX_PROPERTIES = 5_000;
const MAX_ENUM_VALUES = 1_000;
const MAX_CHARACTERS = 120_000;
/** An enum of more than 250 strings may hold this many characters. */
const MAX_LONG_ENUM = { values: 250, characters: 15_000 };

/**
 * What is wrong with a schema in strict mode, in OpenAI's words; null when it is sound. `minLength` and `maxLength` are
 * refused, as they were for long: whether every model takes them now is not documented.
 */
export function strictFault(schema: Json): string | null {
  if (schema['type'] !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${String(schema['type'] ?? 'None')}"'.`;
  if (schema['anyOf'] !== undefined) return "In context=(), 'anyOf' is not permitted at the root.";
  const count = { properties: 0, enumValues: 0, characters: 0 };
  const fault = faultIn(schema, [], count);
  if (fault) return fault;
  if (count.properties > MAX_PROPERTIES)
    return `Schema has ${count.properties} properties, more than ${MAX_PROPERTIES}.`;
  if (count.enumValues > MAX_ENUM_VALUES)
    return `Schema has ${count.enumValues} enum values, more than ${MAX_ENUM_VALUES}.`;
  return count.characters > MAX_CHARACTERS ? `Schema has more than ${MAX_CHARACTERS} characters of names.` : null;
}

interface Count {
  properties: number;
  enumValues: number;
  characters: number;
}

function faultIn(schema: Json, path: readonly string[], count: Count): string | null {
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}${path.length === 1 ? ',' : ''})`;
  if (path.length > MAX_DEPTH * 2) return `${context}, schema is nested deeper than ${MAX_DEPTH} levels.`;
  const odd = Object.keys(schema).find((keyword) => !PERMITTED.has(keyword));
  if (odd !== undefined) return `${context}, '${odd}' is not permitted.`;
  if (
    schema['type'] === undefined &&
    !['anyOf', '$ref', 'enum', 'const'].some((keyword) => schema[keyword] !== undefined)
  )
    return `${context}, schema must have a 'type' key.`;
  return enumFault(schema, context, count) ?? objectFault(schema, context, count) ?? nestedFault(schema, path, count);
}

function enumFault(schema: Json, context: string, count: Count): string | null {
  if (schema['enum'] === undefined) return null;
  const values = listIn(schema, 'enum');
  if (values.length === 0) return `${context}, 'enum' must have at least one value.`;
  if (new Set(values).size < values.length) return `${context}, 'enum' values must be unique.`;
  const characters = values.reduce<number>((sum, value) => sum + String(value).length, 0);
  count.enumValues += values.length;
  count.characters += characters;
  const isLong = values.length > MAX_LONG_ENUM.values && characters > MAX_LONG_ENUM.characters;
  return isLong ? `${context}, 'enum' has more than ${MAX_LONG_ENUM.characters} characters.` : null;
}

function objectFault(schema: Json, context: string, count: Count): string | null {
  if (schema['type'] !== 'object') return null;
  if (schema['additionalProperties'] !== false)
    return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
  const names = Object.keys(recordIn(schema, 'properties'));
  const required = new Set(listIn(schema, 'required'));
  const optional = names.find((name) => !required.has(name));
  const unknown = [...required].find((name) => typeof name !== 'string' || !names.includes(name));
  count.properties += names.length;
  count.characters += names.join('').length;
  const rule = `${context}, 'required' is required to be supplied and to be an array including every key in properties.`;
  if (optional !== undefined) return `${rule} Missing '${optional}'.`;
  return unknown === undefined ? null : `${rule} Extra required key '${String(unknown)}' supplied.`;
}

function nestedFault(schema: Json, path: readonly string[], count: Count): string | null {
  for (const group of ['properties', '$defs', 'definitions']) {
    for (const [name, nested] of Object.entries(recordIn(schema, group))) {
      const fault = isRecord(nested) ? faultIn(nested, [...path, group, name], count) : `'${name}' is not a schema.`;
      if (fault) return fault;
    }
  }
  if (schema['type'] === 'array' && !isRecord(schema['items']))
    return `In context=(${path.join(', ')}), array schema missing items.`;
  const items = isRecord(schema['items']) ? faultIn(schema['items'], [...path, 'items'], count) : null;
  if (items) return items;
  for (const [index, option] of listIn(schema, 'anyOf').entries()) {
    const fault = isRecord(option) ? faultIn(option, [...path, 'anyOf', String(index)], count) : null;
    if (fault) return fault;
  }
  return null;
}
