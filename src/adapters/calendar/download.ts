import { Agent, type Dispatcher, request } from 'undici';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { guardedLookup, isPublic, type Lookup, PrivateAddressError } from './addresses.ts';
import { MAX_BYTES } from './file.ts';

export interface WebAccess {
  /** Names of hosts whose addresses may be private. */
  readonly allowedHosts: readonly string[];
  readonly signal?: AbortSignal;
  /** For tests: who is asked for addresses, and whose certificates are trusted instead of the usual ones. */
  readonly lookup?: Lookup;
  readonly ca?: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

/** What is wrong with the address of a calendar, null when it may be tried. Never repeats it: such addresses are secrets. */
export function addressFault(address: string): string | null {
  if (!URL.canParse(address)) return 'is not an address; write https://…, or the name of a file in the config folder';
  const { protocol, username, password } = new URL(address);
  if (protocol !== 'https:') return `begins with ${protocol}//; write https://`;
  return username || password ? 'holds a user name or password; use an address that needs none' : null;
}

/** The host an address leads to, the one part of it that may be shown. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : 'an address';
}

/**
 * The text behind an https address, at most 5 MB within ten seconds, over at most three redirects. Throws
 * `PermanentError` where it must not be asked, `TransientError` when it does not answer; both name the host alone.
 */
export async function download(address: string, access: WebAccess): Promise<string> {
  const deadline = AbortSignal.timeout(access.timeoutMs ?? TIMEOUT_MS);
  const signal = access.signal ? AbortSignal.any([deadline, access.signal]) : deadline;
  const isAllowed = (host: string) => access.allowedHosts.includes(host.toLowerCase());
  const connect = { lookup: guardedLookup(isAllowed, access.lookup), ...(access.ca && { ca: access.ca }) };
  const agent = new Agent({ connect });
  // A request that is still being connected does not hear of its signal.
  const giveUp = () => void agent.destroy(signal.reason);
  signal.addEventListener('abort', giveUp);
  try {
    return await follow(address, { agent, signal, isAllowed });
  } finally {
    signal.removeEventListener('abort', giveUp);
    await agent.destroy();
  }
}

interface Route {
  readonly agent: Agent;
  readonly signal: AbortSignal;
  readonly isAllowed: (host: string) => boolean;
}

async function follow(address: string, { agent, signal, isAllowed }: Route): Promise<string> {
  let at = address;
  try {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      assertMayBeAsked(at, isAllowed);
      const headers = { accept: 'text/calendar, */*;q=0.1' };
      const response = await request(at, { dispatcher: agent, signal, headers });
      // Whoever reads it is told; whoever does not must not be brought down by it.
      response.body.on('error', () => {});
      const next = nextOf(response, at);
      if (next === null) return await textOf(response, at);
      at = next;
    }
  } catch (error) {
    throw named(error, hostOf(at));
  }
  throw new TransientError(`${hostOf(address)} redirects too often`);
}

/** A name is checked when it is dialled; an address needs no looking up and would pass there. */
function assertMayBeAsked(address: string, isAllowed: (host: string) => boolean): void {
  const fault = addressFault(address);
  if (fault !== null) throw new PermanentError(`the address ${fault}`);
  const { hostname } = new URL(address);
  const bare = hostname.replace(/^\[|\]$/g, '');
  const isLiteral = hostname !== bare || /^[\d.]+$/.test(bare);
  if (isLiteral && !isPublic(bare) && !isAllowed(bare)) throw refused(hostOf(address));
}

/** Where the answer sends us on to; null: it is the answer. */
function nextOf({ statusCode, headers }: Dispatcher.ResponseData, at: string): string | null {
  if (statusCode < 300 || statusCode > 399) return null;
  const location = [headers['location']].flat()[0];
  if (location === undefined || !URL.canParse(location, at))
    throw new TransientError(`${hostOf(at)} redirects nowhere`);
  return new URL(location, at).href;
}

async function textOf({ statusCode, body }: Dispatcher.ResponseData, at: string): Promise<string> {
  if (statusCode !== 200) throw new TransientError(`${hostOf(at)} answered ${statusCode}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes: Uint8Array = chunk;
    size += bytes.length;
    if (size > MAX_BYTES) throw new PermanentError(`${hostOf(at)} sent more than 5 MB`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** No `cause`: what the client says may hold the whole address. */
function named(error: unknown, host: string): Error {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  if (error instanceof PrivateAddressError) return refused(host);
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  return new TransientError(isLate ? `${host} did not answer in time` : `${host} cannot be reached`);
}

function refused(host: string): PermanentError {
  return new PermanentError(`${host} leads to a private address; name it in CALENDAR_HOSTS if that is meant`);
}
