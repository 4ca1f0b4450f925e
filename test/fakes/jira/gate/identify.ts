import type { Actor, SiteContext } from '../context.ts';
import type { SiteUser } from '../options.ts';
import { unauthorized } from './reply.ts';

/** Who calls: e-mail and token, or the bot's token as bearer. No credentials is anonymous, wrong ones are refused. */
export function identify(context: SiteContext, authorization: string | undefined): Actor {
  if (authorization === undefined) return { kind: 'anonymous' };
  const user = authorization.startsWith('Bearer ')
    ? byToken(context, authorization.slice(7))
    : byBasic(context, authorization);
  if (!user?.active) throw unauthorized();
  return { kind: 'user', user };
}

function byToken(context: SiteContext, token: string): SiteUser | undefined {
  return token === context.options.bot.apiToken ? context.directory.users.get(context.directory.botId) : undefined;
}

const known = new WeakMap<SiteContext, Map<string, SiteUser>>();

function byBasic(context: SiteContext, authorization: string): SiteUser | undefined {
  const users = known.get(context) ?? new Map<string, SiteUser>();
  known.set(context, users);
  const seen = users.get(authorization);
  if (seen) return context.directory.users.get(seen.accountId);
  const text = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  const email = text.slice(0, text.indexOf(':'));
  const token = text.slice(text.indexOf(':') + 1);
  const user = [...context.directory.users.values()].find((entry) => entry.email === email && entry.apiToken === token);
  if (user) users.set(authorization, user);
  return user;
}
