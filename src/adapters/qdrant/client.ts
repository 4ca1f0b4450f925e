import { QdrantClient, QdrantClientTimeoutError } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { MisconfiguredError, TransientError } from '../../domain/errors.ts';

export interface QdrantOptions {
  /** Where Qdrant listens; port 6333 unless it says another one. */
  readonly url: string;
  readonly apiKey: string | null;
  /** For what a decision waits for; everything else may take `PATIENT_MS`. */
  readonly timeoutMs?: number;
}

/** One Qdrant, asked in two manners. */
export interface Qdrant {
  /** For what a decision waits for. */
  readonly quick: QdrantClient;
  /** For what changes many points or reads all of them. */
  readonly patient: QdrantClient;
}

/** A decision goes on without past tickets rather than waiting longer. */
const QUICK_MS = 2_000;
const PATIENT_MS = 30_000;
const USUAL_PORT = 6333;

/** Conditional updates by `update_mode` came with this version. */
const OLDEST = { major: 1, minor: 17 };

/** What was named is gone, or is there already: another replica was quicker, so look again. */
export class OutrunError extends TransientError {}

export function openClient({ url, apiKey, timeoutMs = QUICK_MS }: QdrantOptions): Qdrant {
  const { origin, pathname } = new URL(url);
  // As URL drops a port that is the protocol's own, `:443` has to be read here.
  const port = /^\w+:\/\/[^/]*:(\d+)/.exec(url)?.[1];
  const open = (timeout: number) =>
    new QdrantClient({
      url: origin,
      port: port === undefined ? USUAL_PORT : Number(port),
      timeout,
      checkCompatibility: false,
      ...(pathname === '/' ? {} : { prefix: pathname }),
      // As a header and not as `apiKey`: the client would warn on the console of every key sent inside one's own network.
      ...(apiKey === null ? {} : { headers: { 'api-key': apiKey } }),
    });
  return { quick: open(timeoutMs), patient: open(Math.max(PATIENT_MS, timeoutMs)) };
}

/** Throws `MisconfiguredError` when what answers is no Qdrant, or too old a one. */
export async function assertVersion({ quick }: Qdrant): Promise<void> {
  const told = z.object({ version: z.string() }).safeParse(await answered(quick.versionInfo()));
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(told.data?.version ?? '') ?? [];
  if (major === undefined) throw new MisconfiguredError(['QDRANT_URL: what answers there is no Qdrant']);
  const isNewEnough = Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor);
  if (isNewEnough) return;
  throw new MisconfiguredError([
    `QDRANT_URL: this Qdrant is ${told.data?.version}; update it to ${OLDEST.major}.${OLDEST.minor} or newer`,
  ]);
}

/**
 * Waits for Qdrant and speaks of its errors in our words: `TransientError`, `OutrunError`, `MisconfiguredError`. None
 * carries what Qdrant said, for that may repeat a ticket's words.
 */
export async function answered<T>(coming: Promise<T>): Promise<T> {
  try {
    return await coming;
  } catch (error) {
    throw inOurWords(error);
  }
}

const Refusal = z.object({ status: z.int() });

function inOurWords(error: unknown): Error {
  if (error instanceof QdrantClientTimeoutError) return new TransientError('qdrant did not answer in time');
  if (error instanceof SyntaxError) return new TransientError('qdrant answered something else than JSON');
  const status = Refusal.safeParse(error).data?.status;
  if (status === undefined) return new TransientError('qdrant cannot be reached');
  if (status === 401 || status === 403)
    return new MisconfiguredError([
      `Qdrant refuses QDRANT_API_KEY (${status}): it needs a key that may read and write`,
    ]);
  if (status === 404 || status === 409)
    return new OutrunError(`qdrant answered ${status}: another replica was quicker`);
  if (status >= 500 || status === 429 || status === 408) return new TransientError(`qdrant answered ${status}`);
  return new MisconfiguredError([
    `Qdrant refuses a request (${status}); its log says why: a strict mode, a limit on the size of requests, or another version`,
  ]);
}

/** How often another replica may be quicker before a job has to come back. */
const LOOKS = 5;

/** Does something that another replica may get in the way of, again after each time it did. */
export async function lookingAgain<T>(act: () => Promise<T>): Promise<T> {
  for (let left = LOOKS - 1; ; left--) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof OutrunError) || left === 0) throw error;
    }
  }
}
