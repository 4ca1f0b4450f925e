import { z } from 'zod';
import { isRecord, type Json } from '../../jira/json.ts';
import { badRequest, notSimulated } from '../gate/fault.ts';
import type { Profile } from '../gate/profiles.ts';
import { type GrammarShape, shapeOf } from './grammar/shape.ts';
import { type ChatRequest, JsonObject, textOf } from './request.ts';
import { strictFault } from './schema-rules.ts';

/** The form an answer must have on this server. `isKept`: decoding is constrained, nothing else can come out. */
export type Wanted =
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly schema: Json | null;
      readonly isKept: boolean;
      readonly isNamed: boolean;
    }
  | { readonly kind: 'schema'; readonly schema: Json; readonly isKept: boolean; readonly grammar?: GrammarShape }
  | { readonly kind: 'json' }
  | { readonly kind: 'text' };

/** Parameters that only some servers have, beside OpenAI's. */
const OwnParameters = z.object({
  /** vLLM: a schema, or one as text. */
  guided_json: z.union([JsonObject, z.string()]).nullish(),
  structured_outputs: z.strictObject({ json: z.union([JsonObject, z.string()]) }).nullish(),
  /** llama.cpp: GBNF. */
  grammar: z.string().nullish(),
  json_schema: JsonObject.nullish(),
  response_format: z.object({ schema: JsonObject.optional() }).nullish(),
});
type Own = z.output<typeof OwnParameters>;

const BOTH = 'Either "json_schema" or "grammar" can be specified, but not both';

/** Throws the `Refusal` that this kind of server answers to a form it does not have. */
export function wantedOf(profile: Profile, request: ChatRequest, body: unknown): Wanted {
  const own = profile.name === 'vllm' || profile.name === 'llamacpp' ? ownOf(body) : {};
  const tool = toolOf(profile, request, own);
  if (tool) return tool;
  const schema = ownSchema(profile, own);
  if (schema) return { kind: 'schema', schema, isKept: true };
  const isSchema = request.response_format?.type === 'json_schema';
  if (own.grammar && isSchema) throw badRequest(BOTH);
  if (profile.name === 'llamacpp' && own.grammar) {
    const grammar = shapeOf(own.grammar);
    return { kind: 'schema', schema: grammar.schema, isKept: true, grammar };
  }
  return formatOf(profile, request);
}

function ownOf(body: unknown): Own {
  const own = OwnParameters.safeParse(body);
  if (own.success) return own.data;
  const isOtherForm = own.error.issues.some(({ path }) => path[0] === 'structured_outputs');
  throw isOtherForm
    ? notSimulated('structured_outputs but json')
    : badRequest(own.error.issues[0]?.message ?? 'Invalid request.');
}

function ownSchema({ name }: Profile, own: Own): Json | null {
  if (name === 'vllm') {
    if (own.guided_json && own.structured_outputs)
      throw badRequest('You can only use one kind of constraints for structured outputs.');
    return parsedSchema(own.structured_outputs?.json ?? own.guided_json ?? null);
  }
  if (name !== 'llamacpp') return null;
  const schema = own.json_schema ?? own.response_format?.schema ?? null;
  if (own.grammar && schema) throw badRequest(BOTH);
  return schema;
}

function parsedSchema(given: Json | string | null): Json | null {
  if (typeof given !== 'string') return given;
  try {
    const schema: unknown = JSON.parse(given);
    if (isRecord(schema)) return schema;
  } catch {
    // Refused below, like anything else that is no schema.
  }
  throw badRequest('Grammar error: the JSON schema cannot be parsed.');
}

function formatOf(profile: Profile, request: ChatRequest): Wanted {
  const format = request.response_format;
  if (!format || format.type === 'text') return { kind: 'text' };
  if (format.type === 'json_object') return jsonObject(profile, request);
  if (profile.schema === 'ignored') return { kind: 'text' };
  if (profile.schema === 'refused') throw badRequest('This response_format type is unavailable now');
  const { name, schema, strict } = format.json_schema;
  if (!schema)
    throw badRequest(
      "Missing required parameter: 'response_format.json_schema.schema'.",
      'response_format.json_schema.schema',
      'missing_required_parameter',
    );
  const isKept = profile.schema === 'kept' || strict === true;
  const fault = profile.schema === 'strict' && strict === true ? strictFault(schema) : null;
  if (fault) throw badRequest(`Invalid schema for response_format '${name}': ${fault}`, 'response_format');
  return { kind: 'schema', schema, isKept };
}

function jsonObject({ jsonObject: mode }: Profile, { messages }: ChatRequest): Wanted {
  if (mode === 'ignored') return { kind: 'text' };
  if (mode === 'needs-word' && !messages.some(({ content }) => /json/i.test(textOf(content))))
    throw badRequest(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    );
  return { kind: 'json' };
}

function toolOf(profile: Profile, request: ChatRequest, own: Own): Wanted | null {
  const { tools, tool_choice: choice } = request;
  if (!tools) {
    if (choice !== undefined && profile.unknown === 'refused')
      throw badRequest(
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
        'tool_choice',
      );
    return null;
  }
  if (own.grammar) throw badRequest('Cannot use custom grammar constraints with tools.');
  checkStrictTools(profile, tools);
  const isNamed = typeof choice === 'object' && profile.name !== 'llamacpp' && profile.tools !== 'choice-ignored';
  const tool = isNamed ? tools.find((one) => one.function.name === choice.function.name) : tools[0];
  if (!tool)
    throw badRequest(
      `Invalid value for 'tool_choice': tool '${isNamed ? choice.function.name : ''}' not found in 'tools'.`,
      'tool_choice',
    );
  if (!isCalled(profile, choice)) return null;
  const { name, parameters, strict } = tool.function;
  const isKept = profile.tools === 'kept' && (profile.unknown === 'ignored' || strict === true);
  return { kind: 'tool', name, schema: parameters ?? null, isKept, isNamed };
}

function checkStrictTools(profile: Profile, tools: NonNullable<ChatRequest['tools']>): void {
  if (profile.schema !== 'strict') return;
  for (const [index, tool] of tools.entries()) {
    const { name, parameters, strict } = tool.function;
    const fault = strict === true ? strictFault(parameters ?? {}) : null;
    if (fault)
      throw badRequest(
        `Invalid schema for function '${name}': ${fault}`,
        `tools[${index}].function.parameters`,
        'invalid_function_parameters',
      );
  }
}

/** Left to choose, models differ: here Anthropic's talks, all others call. */
function isCalled(profile: Profile, choice: ChatRequest['tool_choice']): boolean {
  if (profile.tools === 'ignored') return false;
  if (profile.tools === 'choice-ignored') return true;
  if (choice === 'none') return false;
  if (choice !== undefined && choice !== 'auto') return true;
  if (profile.name === 'vllm')
    throw badRequest('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set');
  return profile.name !== 'anthropic';
}
