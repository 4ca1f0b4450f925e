import OpenAI from 'openai';
import type { Question, Reply } from '../../domain/decision/question.ts';
import type { Profile } from '../../domain/playbook/model.ts';
import { askedToWaitMs, usedUpForMs } from './patience.ts';
import { type ChatRequest, requestFor, TRAITS, type Traits } from './profiles.ts';
import { replyFrom } from './reply.ts';
import { STAY } from './stay.ts';

/** An endpoint did not answer. The message holds a status and nothing of what was sent: servers echo it. */
export class EndpointFault extends Error {
  override readonly name = 'EndpointFault';
  /** When to try again: after so many milliseconds, `soon`, or `never`, for it would end the same. */
  readonly retryAfterMs: number | 'soon' | 'never';
  constructor(message: string, retryAfterMs: EndpointFault['retryAfterMs']) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ChatAccess {
  readonly baseUrl: string | undefined;
  readonly apiKey: string;
  readonly model: string;
  readonly profile: Profile;
}

export interface Chat {
  /** One request and its reply. Throws `EndpointFault`. */
  readonly complete: (question: Question, signal: AbortSignal) => Promise<Reply>;
  /** How long the server has asked to be left alone from now on, in milliseconds. */
  readonly pauseMs: () => number;
}

/** Waiting this long for a second try is better than no answer; longer pauses are left to the next rung. */
const LONGEST_WAIT_MS = 10_000;
/** Parameters that a model may refuse by name; it is asked again without them, and from then on. */
const OPTIONAL = ['temperature', 'seed', 'logprobs', 'max_completion_tokens', 'max_tokens'];

/** Chat completions at one endpoint, in the words its profile asks for. */
export function openChat({ baseUrl, apiKey, model, profile }: ChatAccess): Chat {
  const traits = TRAITS[profile];
  const client = new OpenAI({
    apiKey,
    maxRetries: 0,
    fetchOptions: STAY,
    ...(baseUrl ? { baseURL: baseUrl } : {}),
    ...(traits.hasKeyHeader ? { defaultHeaders: { 'api-key': apiKey } } : {}),
  });
  const refused = new Set<string>();
  let pausedUntil = 0;
  const pause = (ms: number) => {
    pausedUntil = Math.max(pausedUntil, Date.now() + ms);
  };
  return {
    pauseMs: () => Math.max(pausedUntil - Date.now(), 0),
    complete: (question, signal) => complete(question, { client, model, traits, refused, signal, pause }),
  };
}

interface Line {
  readonly client: OpenAI;
  readonly model: string;
  readonly traits: Traits;
  readonly refused: Set<string>;
  readonly signal: AbortSignal;
  readonly pause: (ms: number) => void;
}

async function complete(question: Question, line: Line): Promise<Reply> {
  const request = without(line.refused, requestFor(question, line.model, line.traits));
  try {
    const { data, response } = await line.client.chat.completions
      .create(request, { signal: line.signal })
      .withResponse();
    const pauseMs = usedUpForMs(response.headers);
    if (pauseMs !== null) line.pause(pauseMs);
    const reply = replyFrom(data);
    if (!reply) throw new EndpointFault('answered something else than a chat completion', 'soon');
    return reply;
  } catch (error) {
    const param = refusedParameter(error);
    if (param !== null && !line.refused.has(param)) {
      line.refused.add(param);
      return complete(question, line);
    }
    const reply = replyInstead(error);
    if (reply) return reply;
    throw faultOf(error, line.pause);
  }
}

/** Leaves out what this model refuses; the limit of tokens goes by its other name instead. */
function without(refused: ReadonlySet<string>, request: ChatRequest): ChatRequest {
  const kept = Object.fromEntries(Object.entries(request).filter(([name]) => !refused.has(name)));
  const { max_completion_tokens: long, max_tokens: short } = request;
  const limit = long ?? short ?? null;
  const name = refused.has('max_completion_tokens') ? 'max_tokens' : 'max_completion_tokens';
  const isMissing = kept['max_completion_tokens'] === undefined && kept['max_tokens'] === undefined;
  const renamed = isMissing && !refused.has(name) ? { [name]: limit } : {};
  return { ...kept, ...renamed, model: request.model, messages: request.messages };
}

function refusedParameter(error: unknown): string | null {
  const isBad = error instanceof OpenAI.APIError && error.status === 400;
  return isBad && typeof error.param === 'string' && OPTIONAL.includes(error.param) ? error.param : null;
}

const ENDS: ReadonlyMap<unknown, Reply['end']> = new Map([
  ['context_length_exceeded', 'too-long'],
  ['content_filter', 'filtered'],
]);

/** Refusals that are about the question and not about the endpoint. */
function replyInstead(error: unknown): Reply | null {
  const end = error instanceof OpenAI.APIError ? ENDS.get(error.code) : undefined;
  return end ? { end, text: '', model: '', tokens: { input: 0, output: 0 }, logprobs: null } : null;
}

function faultOf(error: unknown, pause: (ms: number) => void): unknown {
  if (error instanceof OpenAI.APIUserAbortError) return new EndpointFault('no answer in time', 'never');
  if (error instanceof OpenAI.APIConnectionError) return new EndpointFault('cannot be reached', 'soon');
  if (!(error instanceof OpenAI.APIError)) return asFault(error);
  const { status, headers } = error;
  if (error.code === 'insufficient_quota') return new EndpointFault('has no quota left (429)', 'never');
  if (status === 429) return tooMany(headers ? askedToWaitMs(headers, Date.now()) : null, pause);
  const isPassing = status === undefined || status >= 500 || status === 408 || status === 409;
  return new EndpointFault(`answered ${status ?? 'nothing that can be read'}`, isPassing ? 'soon' : 'never');
}

function tooMany(waitMs: number | null, pause: (ms: number) => void): EndpointFault {
  if (waitMs !== null) pause(waitMs);
  const isLong = waitMs !== null && waitMs > LONGEST_WAIT_MS;
  return new EndpointFault('too many requests for it (429)', isLong ? 'never' : (waitMs ?? 'soon'));
}

/** A body that breaks off or is no JSON throws errors of its own. */
function asFault(error: unknown): unknown {
  if (error instanceof EndpointFault) return error;
  const isGarbled = error instanceof SyntaxError || error instanceof TypeError;
  return isGarbled ? new EndpointFault('answered something that cannot be read', 'soon') : error;
}
