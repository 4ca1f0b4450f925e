import { type Fault, Refusal } from './fault.ts';
import type { Profile } from './profiles.ts';

/** The refusals that every kind of server has, in its own words. */
export function keyMissing(): Refusal {
  const message =
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.";
  return new Refusal({ status: 401, message, type: 'invalid_request_error', code: null });
}

export function keyWrong({ name }: Profile): Refusal {
  const message =
    name === 'azure'
      ? 'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription.'
      : 'Incorrect API key provided: a-*****ey.';
  return new Refusal({
    status: 401,
    message,
    type: 'invalid_request_error',
    code: name === 'azure' ? '401' : 'invalid_api_key',
  });
}

export function noModel({ name }: Profile, model: string): Refusal {
  if (name === 'azure')
    return new Refusal({
      status: 404,
      message: 'The API deployment for this resource does not exist.',
      code: 'DeploymentNotFound',
    });
  const message =
    name === 'vllm'
      ? `The model \`${model}\` does not exist.`
      : name === 'ollama'
        ? `model '${model}' not found`
        : `The model \`${model}\` does not exist or you do not have access to it.`;
  return new Refusal({ status: 404, message, type: 'invalid_request_error', code: 'model_not_found' });
}

/** More tokens than the model can take; Ollama never says so. */
export function tooLong({ name }: Profile, tokens: number, limit: number): Refusal {
  const type = 'invalid_request_error';
  if (name === 'llamacpp')
    return new Refusal({
      status: 400,
      message: `request (${tokens} tokens) exceeds the available context size (${limit} tokens), try increasing it`,
      type: 'exceed_context_size_error',
      more: { n_prompt_tokens: tokens, n_ctx: limit },
    });
  if (name === 'anthropic')
    return new Refusal({ status: 400, message: `prompt is too long: ${tokens} tokens > ${limit} maximum`, type });
  return new Refusal({
    status: 400,
    message: `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
    type,
    param: 'messages',
    code: 'context_length_exceeded',
  });
}

export interface Waiting {
  /** Whole seconds, as `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  /** `requests` or `tokens`. */
  readonly by?: string | undefined;
}

/** 429; with neither time given, no header says how long to wait. */
export function rateLimited({ name }: Profile, { retryAfterSeconds, retryAfterMs, by = 'requests' }: Waiting): Fault {
  const seconds = retryAfterSeconds ?? (retryAfterMs === undefined ? undefined : retryAfterMs / 1000);
  const when = seconds === undefined ? '' : ` Please try again in ${seconds}s.`;
  const message =
    name === 'azure'
      ? `Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded ${by} rate limit of your current pricing tier.${when}`
      : `Rate limit reached for the model in organization org-fake on ${by} per min.${when}`;
  return {
    status: 429,
    message,
    type: by,
    code: name === 'azure' ? '429' : 'rate_limit_exceeded',
    headers: {
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) }),
    },
  };
}

/** The prompt itself was found objectionable. */
export function promptFiltered({ name }: Profile): Fault {
  if (name !== 'azure')
    return {
      status: 400,
      message: 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
      type: 'invalid_request_error',
      code: 'invalid_prompt',
    };
  return {
    status: 400,
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
    param: 'prompt',
    code: 'content_filter',
    more: {
      type: null,
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: { ...HARMLESS, jailbreak: { filtered: true, detected: true } },
      },
    },
  };
}

const safe = { filtered: false, severity: 'safe' };
/** What Azure's filters say of a harmless text. */
export const HARMLESS = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
