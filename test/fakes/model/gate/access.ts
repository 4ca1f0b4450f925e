import type { IncomingHttpHeaders } from 'node:http';
import type { Refusal } from './fault.ts';
import type { Place } from './paths.ts';
import type { Profile } from './profiles.ts';
import { keyMissing, keyWrong } from './refusals.ts';

/** Why a caller is not let in, or null. */
export function accessFault(
  profile: Profile,
  place: Place,
  { headers, apiKeys }: { readonly headers: IncomingHttpHeaders; readonly apiKeys: readonly string[] | undefined },
): Refusal | null {
  const bearer = /^Bearer (\S{1,10000})$/.exec(headers.authorization ?? '')?.[1];
  const apiKey = headers['api-key'];
  const key = profile.name === 'azure' ? azureKey(apiKey, bearer, place) : bearer;
  if (key === undefined) {
    if (!profile.needsKey && apiKeys === undefined) return null;
    return profile.name === 'azure' ? keyWrong(profile) : keyMissing();
  }
  return apiKeys && !apiKeys.includes(key) ? keyWrong(profile) : null;
}

/** The `v1` paths take a key either way; the older ones take only Entra's tokens as a bearer, never a key. */
function azureKey(apiKey: string | string[] | undefined, bearer: string | undefined, place: Place): string | undefined {
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  return place.isDeployment && !bearer?.startsWith('ey') ? undefined : bearer;
}
