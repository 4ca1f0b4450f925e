import { z } from 'zod';
import { notSimulated } from '../gate/fault.ts';
import type { Profile } from '../gate/profiles.ts';
import { faultOf } from './request-faults.ts';

export const JsonObject = z.record(z.string(), z.unknown());
const Name = z
  .string()
  .max(64)
  .regex(/^[a-zA-Z0-9_-]+$/);

type ObjectOf = <Shape extends z.core.$ZodShape>(shape: Shape) => z.ZodObject<Shape>;

const unused = z.unknown().optional();
/** Documented by OpenAI, and used by nobody here: taking them without acting on them would be a lie. */
const NOT_SIMULATED = {
  audio: unused,
  function_call: unused,
  functions: unused,
  logit_bias: unused,
  modalities: unused,
  moderation: unused,
  prediction: unused,
  prompt_cache_options: unused,
  stop: unused,
  stream_options: unused,
  web_search_options: unused,
};

/** The request body. `object` decides what becomes of members that nobody knows: refused, or dropped. */
function chatSchema(object: ObjectOf) {
  const text = z.union([z.string(), z.array(object({ type: z.literal('text'), text: z.string() })).min(1)]);
  const asked = (role: 'system' | 'developer' | 'user') =>
    object({ role: z.literal(role), content: text, name: z.string().optional() });
  const call = object({
    id: z.string(),
    type: z.literal('function'),
    function: object({ name: z.string(), arguments: z.string() }),
  });
  const assistant = object({
    role: z.literal('assistant'),
    content: text.nullish(),
    refusal: z.string().nullish(),
    name: z.string().optional(),
    tool_calls: z.array(call).min(1).optional(),
  });
  const tool = object({ role: z.literal('tool'), content: text, tool_call_id: z.string() });
  const jsonSchema = object({
    name: Name,
    description: z.string().optional(),
    schema: JsonObject.optional(),
    strict: z.boolean().nullish(),
  });
  return object({
    model: z.string(),
    messages: z
      .array(z.discriminatedUnion('role', [asked('system'), asked('developer'), asked('user'), assistant, tool]))
      .min(1),
    ...samplingShape,
    response_format: z
      .discriminatedUnion('type', [
        object({ type: z.literal('text') }),
        object({ type: z.literal('json_object') }),
        object({ type: z.literal('json_schema'), json_schema: jsonSchema }),
      ])
      .nullish(),
    ...toolShape(object),
    ...NOT_SIMULATED,
  });
}

const number = (min: number, max: number) => z.number().min(min).max(max).nullish();

const samplingShape = {
  temperature: number(0, 2),
  top_p: number(0, 1),
  presence_penalty: number(-2, 2),
  frequency_penalty: number(-2, 2),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  seed: z.int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  user: z.string().optional(),
  safety_identifier: z.string().max(64).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast']).nullish(),
};

function toolShape(object: ObjectOf) {
  const described = object({
    name: Name,
    description: z.string().optional(),
    parameters: JsonObject.optional(),
    strict: z.boolean().nullish(),
  });
  const named = object({ type: z.literal('function'), function: object({ name: z.string() }) });
  return {
    tools: z
      .array(object({ type: z.literal('function'), function: described }))
      .min(1)
      .optional(),
    tool_choice: z.union([z.enum(['none', 'auto', 'required']), named]).optional(),
    parallel_tool_calls: z.boolean().optional(),
  };
}

const strict = chatSchema(z.strictObject);
const tolerant = chatSchema((shape) => z.object(shape));
export type ChatRequest = z.output<typeof strict>;

/** The body as this kind of server takes it. Throws a `Refusal` for what it would answer 400 to. */
export function readChat(profile: Profile, body: unknown): ChatRequest {
  const read = (profile.unknown === 'refused' ? strict : tolerant).safeParse(body);
  if (!read.success) throw faultOf(read.error, body);
  refuseUnimitated(read.data);
  return read.data;
}

function refuseUnimitated(request: ChatRequest): void {
  const given = new Map<string, unknown>(Object.entries(request));
  for (const name of Object.keys(NOT_SIMULATED))
    if (given.get(name) !== undefined && given.get(name) !== null) throw notSimulated(name);
  if (request.stream === true) throw notSimulated('stream');
  if ((request.n ?? 1) > 1) throw notSimulated('n above 1');
}

/** The text of a message, parts joined. */
export function textOf(content: ChatRequest['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text }) => text).join('\n');
}
