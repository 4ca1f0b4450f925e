import {
  anthropicError,
  azureError,
  detailError,
  llamacppError,
  ollamaError,
  openaiError,
  vllmError,
} from './errors.ts';
import type { Fault } from './fault.ts';

export const PROFILES = ['openai', 'azure', 'anthropic', 'vllm', 'ollama', 'llamacpp', 'json-object', 'plain'] as const;
export type ProfileName = (typeof PROFILES)[number];

/** How one kind of server differs from the others. */
export interface Profile {
  readonly name: ProfileName;
  /** Where the protocol's paths begin. */
  readonly base: '/v1' | '/openai/v1';
  /** Unknown parameters: refused by OpenAI and Azure, dropped without a word by the others. */
  readonly unknown: 'refused' | 'ignored';
  readonly needsKey: boolean;
  /** `strict`: checked against OpenAI's rules; `kept`: any schema is enforced; `refused`, `ignored`: what they say. */
  readonly schema: 'strict' | 'kept' | 'refused' | 'ignored';
  readonly jsonObject: 'needs-word' | 'kept' | 'ignored';
  /** `kept`: arguments follow the schema; `free`: they may not; `choice-ignored`: the model decides about calling. */
  readonly tools: 'kept' | 'free' | 'choice-ignored' | 'ignored';
  readonly logprobs: boolean;
  /** `message.refusal` exists. */
  readonly refusalField: boolean;
  readonly tooLong: 'refused' | 'truncated';
  /** The model named in the answer. */
  snapshot(model: string): string;
  readonly fingerprint: string | null;
  errorBody(fault: Fault): unknown;
}

const DATED = /-\d{4}-?\d{2}-?\d{2}$/;
const dated = (model: string) => (DATED.test(model) ? model : `${model}-2026-08-06`);
const echoed = (model: string) => model;

const openai: Profile = {
  name: 'openai',
  base: '/v1',
  unknown: 'refused',
  needsKey: true,
  schema: 'strict',
  jsonObject: 'needs-word',
  tools: 'kept',
  logprobs: true,
  refusalField: true,
  tooLong: 'refused',
  snapshot: dated,
  fingerprint: 'fp_8a3f6c21d4',
  errorBody: openaiError,
};

/** What servers on one's own machines have in common: no key, nothing refused that can be ignored. */
const own = {
  ...openai,
  unknown: 'ignored',
  needsKey: false,
  schema: 'kept',
  jsonObject: 'kept',
  refusalField: false,
  snapshot: echoed,
} as const satisfies Profile;

const profiles: Readonly<Record<ProfileName, Profile>> = {
  openai,
  azure: { ...openai, name: 'azure', base: '/openai/v1', fingerprint: 'fp_2f406b9113', errorBody: azureError },
  /** The compatible endpoint, by its documentation: `response_format`, `seed`, `logprobs` and `strict` are ignored. */
  anthropic: {
    ...own,
    name: 'anthropic',
    needsKey: true,
    schema: 'ignored',
    jsonObject: 'ignored',
    tools: 'free',
    logprobs: false,
    snapshot: (model) => (DATED.test(model) ? model : `${model}-20260806`),
    fingerprint: null,
    errorBody: anthropicError,
  },
  /** Between 0.11 and 0.12, which know both `structured_outputs` and `guided_json`; later ones ignore the latter. */
  vllm: { ...own, name: 'vllm', fingerprint: null, errorBody: vllmError },
  /** `tool_choice` is ignored, and so were `logprobs` before 0.12.11; what is too long is cut, not refused. */
  ollama: {
    ...own,
    name: 'ollama',
    tools: 'choice-ignored',
    logprobs: false,
    tooLong: 'truncated',
    fingerprint: 'fp_ollama',
    errorBody: ollamaError,
  },
  /** A `tool_choice` that names a tool counts as `auto`. */
  llamacpp: { ...own, name: 'llamacpp', fingerprint: 'b6940-c5023daf6', errorBody: llamacppError },
  /** Servers like DeepSeek's: JSON mode, but no schemas. */
  'json-object': {
    ...own,
    name: 'json-object',
    needsKey: true,
    schema: 'refused',
    jsonObject: 'needs-word',
    tools: 'free',
    errorBody: openaiError,
  },
  plain: {
    ...own,
    name: 'plain',
    schema: 'ignored',
    jsonObject: 'ignored',
    tools: 'ignored',
    logprobs: false,
    fingerprint: null,
    errorBody: detailError,
  },
};

export function profileOf(name: ProfileName): Profile {
  return profiles[name];
}
