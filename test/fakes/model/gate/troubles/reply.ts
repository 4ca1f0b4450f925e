import type { Fault, Reply } from '../fault.ts';
import type { Profile } from '../profiles.ts';
import { keyWrong, noModel, promptFiltered, rateLimited, tooLong } from '../refusals.ts';
import type { PlainTrouble } from './troubles.ts';

/** The error that a trouble answers with instead of any work; undefined for troubles of another sort. */
export function replyFor(trouble: PlainTrouble | undefined, profile: Profile, model: string): Reply | undefined {
  if (trouble === 'not-json') return { status: 200, text: '<html>busy</html>', contentType: 'text/html' };
  if (trouble === 'bad-gateway') return { status: 502, text: gatewayPage('502 Bad Gateway'), contentType: 'text/html' };
  const fault = faultFor(trouble, profile, model);
  return fault && { status: fault.status, headers: fault.headers, body: profile.errorBody(fault) };
}

function faultFor(trouble: PlainTrouble | undefined, profile: Profile, model: string): Fault | undefined {
  if (typeof trouble === 'object') return 'status' in trouble ? byStatus(profile, trouble) : undefined;
  switch (trouble) {
    case 'unauthorized':
      return keyWrong(profile).fault;
    case 'no-model':
      return noModel(profile, model).fault;
    case 'too-long':
      return tooLong(profile, 131_072, 128_000).fault;
    case 'prompt-filtered':
      return promptFiltered(profile);
    case 'no-quota':
      return {
        status: 429,
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      };
    case 'overloaded':
      return profile.name === 'anthropic'
        ? { status: 529, message: 'Overloaded' }
        : { status: 503, message: 'The engine is currently overloaded, please try again later.', type: 'server_error' };
    default:
      return undefined;
  }
}

function byStatus(profile: Profile, { status, message, ...waiting }: Extract<PlainTrouble, { status: number }>): Fault {
  const limited = rateLimited(profile, waiting);
  if (status === 429) return message === undefined ? limited : { ...limited, message };
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  const fault = {
    status,
    message: message ?? 'The server had an error while processing your request. Sorry about that!',
    type,
  };
  return { ...fault, headers: limited.headers };
}

function gatewayPage(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`;
}
