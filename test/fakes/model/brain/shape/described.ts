import type { Json } from '../../../jira/json.ts';

const LINE = /^\s{0,8}[-*]\s{1,3}[`"]?([\p{L}][\p{L}\p{N}_-]{0,60})[`"]?\s{0,3}[:：]\s{0,3}(.{1,20000})$/u;
const QUOTED = /"((?:[^"\\]|\\.){1,300})"/g;
const LIST = /^(?:an? )?(?:array|list)\b|\bany of\b/i;
const CHOICE = /\bone of\b/i;
const TEXT = /^(?:an? )?(?:text|string|sentence)\b/i;
const MAX_LINES = 2_000;

/** The shape of an answer that is described in words, a line per field; null where none is. */
export function schemaInWords(text: string): Json | null {
  const properties = new Map<string, Json>();
  for (const line of text.split('\n', MAX_LINES)) {
    const [, name, description = ''] = LINE.exec(line) ?? [];
    const property = name === undefined ? null : propertyIn(description);
    if (name !== undefined && property) properties.set(name, property);
  }
  const hasChoice = [...properties.values()].some((property) => property['enum'] || property['items']);
  return hasChoice ? { type: 'object', properties: Object.fromEntries(properties) } : null;
}

function propertyIn(description: string): Json | null {
  const values = [...description.matchAll(QUOTED)].map(([quoted]) => unquoted(quoted));
  const isList = LIST.test(description);
  if (values.length > 0 && (isList || CHOICE.test(description)))
    return isList ? { type: 'array', items: { type: 'string', enum: values } } : { type: 'string', enum: values };
  return TEXT.test(description) ? { type: 'string' } : null;
}

function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    // Not JSON's way of quoting: taken as it stands.
    return quoted.slice(1, -1);
  }
}
