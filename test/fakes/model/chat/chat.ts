import { isRecord } from '../../jira/json.ts';
import { askedOf } from '../brain/asked.ts';
import type { Asked, Brain, Said } from '../brain/brain.ts';
import { allowedIn, propertiesOf, typeOf } from '../brain/shape/schema.ts';
import { badRequest, type Refusal } from '../gate/fault.ts';
import type { Profile } from '../gate/profiles.ts';
import { tooLong } from '../gate/refusals.ts';
import type { PlainTrouble } from '../gate/troubles/troubles.ts';
import { completionOf } from './completion.ts';
import { type ChatRequest, readChat, textOf } from './request.ts';
import { type Odds, tokensIn, tokensOf } from './tokens.ts';
import { uttered, type Wrapping } from './utterance.ts';
import { type Wanted, wantedOf } from './wanted.ts';

export interface ChatDesk {
  readonly profile: Profile;
  readonly brain: Brain;
  /** Parameters that the model does not take, as reasoning models do not. */
  readonly rejects: readonly string[];
  readonly wrapping: Wrapping | undefined;
  readonly contextTokens: number | undefined;
  /** False: schemas are taken and not kept. */
  readonly enforce: boolean;
}

/** A request that was found valid, and the cost of its prompt. */
export interface ReadChat {
  readonly request: ChatRequest;
  readonly wanted: Wanted;
  readonly promptTokens: number;
}

/** Checks a body as this kind of server does; throws the `Refusal` it would answer with. */
export function checkChat({ profile, rejects, contextTokens, enforce }: ChatDesk, body: unknown): ReadChat {
  const request = readChat(profile, body);
  refuseUnsupported(rejects, request);
  if (request.max_tokens && request.max_completion_tokens && profile.unknown === 'refused')
    throw badRequest(
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    );
  if ((request.top_logprobs ?? null) !== null && request.logprobs !== true && profile.logprobs)
    throw badRequest(
      "Invalid value for 'top_logprobs': 'logprobs' must be true to use 'top_logprobs'.",
      'top_logprobs',
    );
  const found = wantedOf(profile, request, body);
  const wanted = 'isKept' in found && !enforce ? { ...found, isKept: false } : found;
  const promptTokens = request.messages.reduce((sum, { content }) => sum + 4 + tokensIn(textOf(content)), 3);
  if (contextTokens !== undefined && promptTokens > contextTokens && profile.tooLong === 'refused')
    throw tooLong(profile, promptTokens, contextTokens);
  return { request, wanted, promptTokens: Math.min(promptTokens, contextTokens ?? promptTokens) };
}

/** Lets the brain answer a checked request. */
export function answerChat(
  desk: ChatDesk,
  read: ReadChat,
  { trouble, at }: { trouble: PlainTrouble | undefined; at: number },
): unknown {
  const { profile, brain, wrapping } = desk;
  const { request, promptTokens } = read;
  const asked = shortened(desk, askedOf(request, read.wanted));
  const odds: Odds = new Map();
  const said = troubled(brain(asked, odds), asked, trouble);
  const isSpoilt = trouble === 'outside-enum' || trouble === 'extra-field';
  // A spoilt answer gets past the schema: that is the trouble.
  const wanted = isSpoilt && 'isKept' in read.wanted ? { ...read.wanted, isKept: false } : read.wanted;
  const tokens = tokensOf(uttered(said, { wanted, asked, odds, wrapping }));
  return completionOf({ profile, request, wanted, promptTokens, tokens, trouble, at });
}

function refuseUnsupported(rejects: readonly string[], request: ChatRequest): void {
  const given = new Map<string, unknown>(Object.entries(request));
  for (const name of rejects) {
    const value = given.get(name) ?? null;
    const isSampling = name === 'temperature' || name === 'top_p';
    if (name === 'json_schema' && request.response_format?.type === 'json_schema')
      throw badRequest(
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        'response_format',
      );
    if (value === null || (isSampling && value === 1)) continue;
    throw isSampling ? unsupportedValue(name, value) : unsupportedParameter(name);
  }
}

function unsupportedValue(name: string, value: unknown): Refusal {
  const message = `Unsupported value: '${name}' does not support ${String(value)} with this model. Only the default (1) value is supported.`;
  return badRequest(message, name, 'unsupported_value');
}

function unsupportedParameter(name: string): Refusal {
  const instead = name === 'max_tokens' ? " Use 'max_completion_tokens' instead." : '';
  const message = `Unsupported parameter: '${name}' is not supported with this model.${instead}`;
  return badRequest(message, name, 'unsupported_parameter');
}

/** Servers that truncate lose the beginning of what the user said, and say nothing. */
function shortened({ profile, contextTokens }: ChatDesk, asked: Asked): Asked {
  if (contextTokens === undefined || profile.tooLong === 'refused') return asked;
  const room = Math.max(0, contextTokens - tokensIn(asked.system)) * 4;
  const bytes = Buffer.from(asked.user);
  return bytes.length <= room ? asked : { ...asked, user: bytes.subarray(bytes.length - room).toString() };
}

function troubled(said: Said, { schema }: Asked, trouble: PlainTrouble | undefined): Said {
  if (!isRecord(said)) return said;
  if (trouble === 'extra-field') return { ...said, assignee: 'mallory', comment: 'I also took the liberty.' };
  if (trouble !== 'outside-enum') return said;
  const chosen = propertiesOf(schema ?? {}).find(
    ([name, property]) => allowedIn(property) && typeOf(property) === 'string' && name in said,
  );
  return chosen ? { ...said, [chosen[0]]: 'made_up_value' } : said;
}
