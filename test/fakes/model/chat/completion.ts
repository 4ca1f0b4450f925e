import { randomUUID } from 'node:crypto';
import type { Profile } from '../gate/profiles.ts';
import { HARMLESS } from '../gate/refusals.ts';
import type { PlainTrouble } from '../gate/troubles/troubles.ts';
import type { ChatRequest } from './request.ts';
import type { Token } from './tokens.ts';
import type { Wanted } from './wanted.ts';

export interface Draft {
  readonly profile: Profile;
  readonly request: ChatRequest;
  readonly wanted: Wanted;
  readonly promptTokens: number;
  readonly tokens: readonly Token[];
  readonly trouble: PlainTrouble | undefined;
  readonly at: number;
}

const SORRY = "I'm sorry, but I can't help with that request.";

/** The body of an answered request, with all the members that this kind of server sends. */
export function completionOf(draft: Draft): unknown {
  const { profile, request, promptTokens, trouble, at } = draft;
  const { choice, completionTokens } = choiceOf(draft);
  const isOpenai = profile.name === 'openai' || profile.name === 'azure';
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    ...(isOpenai ? USAGE_DETAILS : {}),
  };
  return {
    id: `${profile.name === 'anthropic' ? 'msg_' : 'chatcmpl-'}${randomUUID().replaceAll('-', '').slice(0, 29)}`,
    object: 'chat.completion',
    created: Math.floor(at / 1000),
    model: profile.snapshot(request.model),
    choices: trouble === 'no-choices' ? [] : [choice],
    usage,
    ...(isOpenai ? { service_tier: 'default' } : {}),
    ...(profile.fingerprint === null ? {} : { system_fingerprint: profile.fingerprint }),
    ...(profile.name === 'azure'
      ? { prompt_filter_results: [{ prompt_index: 0, content_filter_results: PROMPT_HARMLESS }] }
      : {}),
  };
}

const PROMPT_HARMLESS = { ...HARMLESS, jailbreak: { filtered: false, detected: false } };

const USAGE_DETAILS = {
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

function choiceOf({ profile, request, wanted, tokens, trouble }: Draft) {
  if (trouble === 'content-filter') return filteredChoice(profile);
  if (trouble === 'refuse') return refusedChoice(profile);
  if (trouble === 'only-thought') return thoughtChoice(profile, request);
  const most = request.max_completion_tokens ?? request.max_tokens ?? tokens.length;
  const end = trouble === 'cut-json' ? Math.min(most, Math.floor(tokens.length / 2)) : most;
  const kept = trouble === 'empty' ? [] : tokens.slice(0, end);
  const text = kept.map((token) => token.text).join('');
  const isCut = end < tokens.length;
  const hasLogprobs = request.logprobs === true && profile.logprobs && wanted.kind !== 'tool';
  const choice = {
    index: 0,
    message: messageOf(profile, wanted, text),
    logprobs: hasLogprobs ? logprobsOf(kept, request.top_logprobs ?? 0) : null,
    finish_reason: isCut ? 'length' : reasonFor(profile, wanted),
    ...(profile.name === 'azure' ? { content_filter_results: HARMLESS } : {}),
  };
  return { choice, completionTokens: kept.length };
}

/** A tool that was named in the request ends with `stop` at OpenAI and vLLM, any other with `tool_calls`. */
function reasonFor({ name }: Profile, wanted: Wanted): 'stop' | 'tool_calls' {
  if (wanted.kind !== 'tool') return 'stop';
  const saysStop = wanted.isNamed && (name === 'openai' || name === 'azure' || name === 'vllm');
  return saysStop ? 'stop' : 'tool_calls';
}

function messageOf(profile: Profile, wanted: Wanted, text: string) {
  const message = { role: 'assistant', ...(profile.refusalField ? { refusal: null, annotations: [] } : {}) };
  if (wanted.kind !== 'tool') return { ...message, content: text };
  const call = {
    id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    type: 'function',
    function: { name: wanted.name, arguments: text },
  };
  return { ...message, content: null, tool_calls: [call] };
}

/** Servers without the field refuse in plain words, as the models they run do. */
function refusedChoice(profile: Profile) {
  const message = profile.refusalField
    ? { role: 'assistant', content: null, refusal: SORRY, annotations: [] }
    : { role: 'assistant', content: SORRY };
  return { choice: { index: 0, message, logprobs: null, finish_reason: 'stop' }, completionTokens: 11 };
}

/** A reasoning model that has spent all its tokens before the first word of its answer. */
function thoughtChoice(profile: Profile, { max_completion_tokens: long, max_tokens: short }: ChatRequest) {
  const message = { role: 'assistant', content: '', ...(profile.refusalField ? { refusal: null } : {}) };
  return {
    choice: { index: 0, message, logprobs: null, finish_reason: 'length' },
    completionTokens: long ?? short ?? 400,
  };
}

function filteredChoice(profile: Profile) {
  const found = { ...HARMLESS, violence: { filtered: true, severity: 'medium' } };
  const choice = {
    index: 0,
    message: {
      role: 'assistant',
      content: profile.name === 'azure' ? null : '',
      ...(profile.refusalField ? { refusal: null } : {}),
    },
    logprobs: null,
    finish_reason: 'content_filter',
    ...(profile.name === 'azure' ? { content_filter_results: found } : {}),
  };
  return { choice, completionTokens: 0 };
}

/** Real servers fill up `top_logprobs` with unlikely tokens; here only real alternatives are listed. */
function logprobsOf(tokens: readonly Token[], top: number) {
  const entry = (text: string, probability: number) => ({
    token: text,
    logprob: Math.log(Math.max(1e-9, probability)),
    bytes: [...Buffer.from(text)],
  });
  const content = tokens.map(({ text, probability, others }) => {
    const all: (readonly [string, number])[] = [[text, probability], ...others];
    const best = all.toSorted((left, right) => right[1] - left[1]).slice(0, top);
    return { ...entry(text, probability), top_logprobs: best.map(([token, chance]) => entry(token, chance)) };
  });
  return { content, refusal: null };
}
