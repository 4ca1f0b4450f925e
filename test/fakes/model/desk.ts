import { randomUUID } from 'node:crypto';
import { isRecord, textIn } from '../jira/json.ts';
import { answerChat, type ChatDesk, checkChat } from './chat/chat.ts';
import { embeddingsOf, readEmbedding } from './embeddings.ts';
import { accessFault } from './gate/access.ts';
import { type Fault, Refusal, type Reply } from './gate/fault.ts';
import { type Limits, openLimits } from './gate/limits.ts';
import { type Place, placeOf } from './gate/paths.ts';
import { type Profile, profileOf } from './gate/profiles.ts';
import { noModel } from './gate/refusals.ts';
import { replyFor } from './gate/troubles/reply.ts';
import { openTroubles, type PlainTrouble, type Troubles } from './gate/troubles/troubles.ts';
import { type Call, openLog, type RequestLog } from './log.ts';
import { brainOf, type ModelServerOptions } from './options.ts';

/** All that a running server holds. */
export interface ServerDesk {
  readonly options: ModelServerOptions;
  readonly profile: Profile;
  readonly troubles: Troubles;
  readonly log: RequestLog;
  readonly limits: Limits;
  readonly chat: ChatDesk;
  readonly inFlight: { now: number; max: number };
}

export function openDesk(options: ModelServerOptions): ServerDesk {
  const profile = profileOf(options.profile);
  const { rejects, wrapping, contextTokens, enforce } = options;
  return {
    options,
    profile,
    troubles: openTroubles(),
    log: openLog(options.requestLogSize),
    limits: openLimits(profile, options, options.now),
    chat: { profile, brain: brainOf(options), rejects, wrapping, contextTokens, enforce },
    inFlight: { now: 0, max: 0 },
  };
}

/** The answer to a call, all of it worked out, and the trouble it is to meet on its way. */
export function answer(
  desk: ServerDesk,
  call: Call,
): { readonly reply: Reply; readonly trouble: PlainTrouble | undefined } {
  const { profile, troubles, log, options } = desk;
  const at = options.now();
  const place = placeOf(profile, call.method, call.url);
  const endpoint = place?.endpoint;
  const trouble = endpoint === 'chat' || endpoint === 'embeddings' ? troubles.draw(endpoint) : undefined;
  const reply =
    replyFor(trouble, profile, (isRecord(call.body) && textIn(call.body, 'model')) || '') ??
    handled(desk, { call, place, trouble, at });
  const isSilent = trouble === 'hang' || trouble === 'reset';
  log.add(call, {
    status: isSilent ? 0 : reply.status,
    texts: endpoint === 'embeddings' ? textsIn(call.body) : [],
    at,
  });
  return { reply, trouble };
}

/** What this kind of server sends with every answer. */
export function headersOf({ profile, limits }: ServerDesk): Readonly<Record<string, string>> {
  const id = randomUUID();
  switch (profile.name) {
    case 'openai':
      return { 'x-request-id': `req_${id.replaceAll('-', '')}`, 'openai-version': '2020-10-01', ...limits.headers() };
    case 'azure':
      return { 'apim-request-id': id, 'x-request-id': id, 'x-ms-region': 'Sweden Central', ...limits.headers() };
    case 'anthropic':
      return { 'request-id': `req_${id.replaceAll('-', '')}` };
    default:
      return {};
  }
}

interface Matter {
  readonly call: Call;
  readonly place: Place | null;
  readonly trouble: PlainTrouble | undefined;
  readonly at: number;
}

function handled(desk: ServerDesk, matter: Matter): Reply {
  try {
    return { status: 200, body: work(desk, matter) };
  } catch (error) {
    if (error instanceof Refusal) return refused(desk, error.fault);
    // A brain that failed, or a script that has come to its end: said so that a test can see it.
    return refused(desk, {
      status: 500,
      message: `the brain failed: ${String(error)}`,
      headers: { 'x-should-retry': 'false' },
    });
  }
}

function refused({ profile }: ServerDesk, fault: Fault): Reply {
  return { status: fault.status, headers: fault.headers, body: profile.errorBody(fault) };
}

function work(desk: ServerDesk, { call, place, trouble, at }: Matter): unknown {
  const { profile, options, limits } = desk;
  if (!place) throw new Refusal({ status: 404, message: `Invalid URL (${call.method} ${call.url.pathname})` });
  const fault = accessFault(profile, place, { headers: call.headers, apiKeys: options.apiKeys });
  if (fault) throw fault;
  if (place.endpoint === 'models') return { object: 'list', data: modelsOf(options).map(described) };
  if (place.endpoint === 'model') return described(served(desk, place.name ?? ''));
  const body = place.isDeployment && isRecord(call.body) ? { model: place.name, ...call.body } : call.body;
  if (place.endpoint === 'embeddings') {
    const request = readEmbedding(profile, body, options);
    served(desk, place.name ?? request.model);
    const limited = limits.take(request.tokens);
    if (limited) throw limited;
    const space = new Map(Object.entries(options.embeddingModels)).get(request.model);
    return embeddingsOf(request, trouble, space && { name: request.model, ...space });
  }
  const read = checkChat(desk.chat, body);
  served(desk, place.name ?? read.request.model);
  const limited = limits.take(read.promptTokens);
  if (limited) throw limited;
  return answerChat(desk.chat, read, { trouble, at });
}

function modelsOf({ models, embeddingModels }: ModelServerOptions): readonly string[] {
  return [...(models ?? ['fake-large', 'fake-small']), ...Object.keys(embeddingModels)];
}

/** llama.cpp runs one model and does not care what it is called. */
function served({ options, profile }: ServerDesk, model: string): string {
  const isAny = options.models === undefined || profile.name === 'llamacpp';
  if (!isAny && !modelsOf(options).includes(model)) throw noModel(profile, model);
  return model;
}

function described(id: string) {
  return { id, object: 'model', created: 1_780_000_000, owned_by: 'simulation' };
}

function textsIn(body: unknown): readonly string[] {
  const input = isRecord(body) ? body['input'] : undefined;
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  return texts.filter((text) => typeof text === 'string');
}
