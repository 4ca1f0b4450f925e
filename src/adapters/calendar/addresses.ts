import { lookup as ask, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** As `dns.lookup` with `all`. */
export type Lookup = (
  host: string,
  options: LookupOptions & { readonly all: true },
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The name leads into a private network, or to this machine. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

/** Global IPv6 unicast; what lies elsewhere is reserved or leads back to IPv4. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** Azure's machine agent answers on a public address. */
const METADATA = new Set(['168.63.129.16']);

/** Whether an address belongs to the open internet; what is no address does not. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const real = ipaddr.process(address);
  if (real instanceof ipaddr.IPv6 && !real.match(GLOBAL_V6)) return false;
  return real.range() === 'unicast' && !METADATA.has(real.toString());
}

/**
 * Looks names up for a connection and refuses those that lead anywhere private. The addresses that were checked are the
 * ones that are dialled, so a name that changes its mind between two questions gains nothing.
 */
export function guardedLookup(isAllowed: (host: string) => boolean, lookup: Lookup = ask): LookupFunction {
  return (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, [], 0);
      const [first] = addresses;
      if (!first) return answer(new Error('no address'), [], 0);
      if (!isAllowed(host) && !addresses.every(({ address }) => isPublic(address)))
        return answer(new PrivateAddressError('a private address'), [], 0);
      return options.all ? answer(null, addresses) : answer(null, first.address, first.family);
    });
  };
}
