import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { Question } from '../../domain/decision/question.ts';
import type { Profile } from '../../domain/playbook/model.ts';
import { grammarOf, jsonSchemaOf, shapeInWords } from './shape.ts';

/** What a server can do, as its own documents say. */
export interface Traits {
  /** How it is made to keep to a shape. */
  readonly structure: 'json_schema' | 'json_object' | 'tool' | 'grammar' | 'words';
  readonly tokensName: 'max_completion_tokens' | 'max_tokens';
  readonly hasSeed: boolean;
  readonly hasLogprobs: boolean;
  /** Whether the key goes into the header `api-key` as well. */
  readonly hasKeyHeader: boolean;
}

const OPENAI: Traits = {
  structure: 'json_schema',
  tokensName: 'max_completion_tokens',
  hasSeed: true,
  hasLogprobs: true,
  hasKeyHeader: false,
};

const MODEST: Traits = { ...OPENAI, tokensName: 'max_tokens', hasSeed: false, hasLogprobs: false };

export const TRAITS: Readonly<Record<Profile, Traits>> = {
  openai: OPENAI,
  azure: { ...OPENAI, hasKeyHeader: true },
  // Its compatible endpoint ignores response_format, seed and logprobs without a word; tools it keeps to.
  anthropic: { ...MODEST, structure: 'tool' },
  vllm: { ...OPENAI, tokensName: 'max_tokens' },
  ollama: { ...MODEST, hasSeed: true },
  llamacpp: { ...OPENAI, structure: 'grammar', tokensName: 'max_tokens' },
  'json-object': { ...MODEST, structure: 'json_object' },
  plain: { ...MODEST, structure: 'words' },
};

/** Name of the tool that is no tool: calling it is how the answer is given. */
const ANSWER = 'answer';

export type ChatRequest = ChatCompletionCreateParamsNonStreaming & Record<string, unknown>;

/** The request for a question, in the words of a server with these traits. */
export function requestFor(question: Question, model: string, traits: Traits): ChatRequest {
  const { generation, system, user } = question;
  const isTold = traits.structure === 'json_object' || traits.structure === 'words';
  return {
    model,
    messages: [
      { role: 'system', content: isTold ? `${system}\n\n${shapeInWords(question.answer)}` : system },
      { role: 'user', content: user },
    ],
    [traits.tokensName]: generation.maxTokens,
    ...(generation.temperature === null ? {} : { temperature: generation.temperature }),
    ...(generation.seed !== null && traits.hasSeed ? { seed: generation.seed } : {}),
    ...(traits.hasLogprobs ? { logprobs: true } : {}),
    ...structureFor(question, traits),
    ...generation.extra,
  };
}

function structureFor({ answer }: Question, { structure }: Traits): Record<string, unknown> {
  switch (structure) {
    case 'json_schema':
      return {
        response_format: {
          type: 'json_schema',
          json_schema: { name: ANSWER, strict: true, schema: jsonSchemaOf(answer) },
        },
      };
    case 'json_object':
      return { response_format: { type: 'json_object' } };
    case 'tool':
      return {
        tools: [{ type: 'function', function: { name: ANSWER, parameters: jsonSchemaOf(answer) } }],
        tool_choice: { type: 'function', function: { name: ANSWER } },
      };
    case 'grammar':
      return { grammar: grammarOf(answer) };
    case 'words':
      return {};
    default:
      return structure satisfies never;
  }
}
