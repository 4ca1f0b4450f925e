import { isRecord, type Json } from '../../jira/json.ts';
import { type ChatRequest, textOf } from '../chat/request.ts';
import type { Wanted } from '../chat/wanted.ts';
import type { Asked } from './brain.ts';
import { schemaInWords } from './shape/described.ts';

/** What reaches the model of a request: a server that ignores a schema does not show it either. */
export function askedOf(request: ChatRequest, wanted: Wanted): Asked {
  const texts = (...roles: readonly string[]) =>
    request.messages.filter(({ role }) => roles.includes(role)).map(({ content }) => textOf(content));
  const system = texts('system', 'developer').join('\n');
  const user = texts('user').at(-1) ?? '';
  const given = wanted.kind === 'tool' || wanted.kind === 'schema' ? wanted.schema : null;
  const schema = given ?? schemaIn(user) ?? schemaIn(system) ?? schemaInWords(system) ?? schemaInWords(user);
  return {
    model: request.model,
    system,
    user,
    schema,
    wantsJson: schema !== null || wanted.kind !== 'text' || /\bjson\b/i.test(system) || /\bjson\b/i.test(user),
    seed: request.seed ?? null,
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
    temperature: request.temperature ?? 1,
  };
}

const KEY = '"properties"';
const MAX_TRIES = 5;
const MAX_SCHEMA = 200_000;

/** A JSON schema written out in a text, or null. */
export function schemaIn(text: string): Json | null {
  const key = text.indexOf(KEY);
  if (key < 0) return null;
  let start = key;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    start = text.lastIndexOf('{', start - 1);
    if (start < 0) return null;
    const found = objectAt(text, start);
    if (found && isRecord(found['properties'])) return found;
  }
  return null;
}

function objectAt(text: string, start: number): Json | null {
  const end = endOfObject(text, start);
  if (end === null) return null;
  try {
    const found: unknown = JSON.parse(text.slice(start, end));
    return isRecord(found) ? found : null;
  } catch {
    // Braces that hold no JSON.
    return null;
  }
}

function endOfObject(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  const end = Math.min(text.length, start + MAX_SCHEMA);
  for (let at = start; at < end; at += 1) {
    const letter = text[at];
    if (inString) {
      if (letter === '\\') at += 1;
      if (letter === '"') inString = false;
      continue;
    }
    if (letter === '"') inString = true;
    if (letter === '{') depth += 1;
    if (letter === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return null;
}
