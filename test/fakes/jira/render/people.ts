import type { SiteContext } from '../context.ts';
import { userOf } from '../state/directory.ts';

export type ApiVersion = 2 | 3;

export function base(context: SiteContext, version: ApiVersion): string {
  return `${context.url}/rest/api/${version}`;
}

/** A user as issues, histories and webhooks embed one: no e-mail since 2019. */
export function renderUser(context: SiteContext, accountId: string, version: ApiVersion) {
  const user = userOf(context.directory, accountId);
  return {
    self: `${base(context, version)}/user?accountId=${encodeURIComponent(accountId)}`,
    accountId,
    avatarUrls: avatars(context, 'user'),
    displayName: user.displayName ?? accountId,
    active: user.active,
    timeZone: zoneName(context.options.timeZoneOffset),
    accountType: user.accountType,
  };
}

/** A user as user endpoints answer one: with the e-mail when the account shows it. */
export function renderAccount(context: SiteContext, accountId: string) {
  const { email } = userOf(context.directory, accountId);
  return { ...renderUser(context, accountId, 3), ...(email === undefined ? {} : { emailAddress: email }) };
}

export function avatars(context: SiteContext, kind: string): Record<string, string> {
  const image = (size: number) => `${context.url}/avatar/${kind}/${size}x${size}.png`;
  return { '48x48': image(48), '24x24': image(24), '16x16': image(16), '32x32': image(32) };
}

function zoneName(offset: string): string {
  return offset === '+0000' ? 'Etc/UTC' : `GMT${offset.slice(0, 3)}:${offset.slice(3)}`;
}
