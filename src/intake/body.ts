import type { IncomingMessage } from 'node:http';
import { RejectedError } from '../domain/errors.ts';

export interface BodyLimits {
  readonly bytes: number;
  /** Smaller ones are bounded by the number of connections. */
  readonly smallBytes: number;
  /** For all bodies that are not small and are in memory at the same time. */
  readonly totalBytes: number;
}

const MB = 1024 * 1024;
/** Jira sends at most 25 MB. */
const LIMITS: BodyLimits = { bytes: 25 * MB, smallBytes: 128 * 1024, totalBytes: 100 * MB };

/** Room for one body; it is free again when disposed. */
export interface Room extends Disposable {
  /** Throws `RejectedError` (413) when it is larger than announced bodies may be, `GoneError` when it breaks off. */
  read(): Promise<Buffer>;
}

/**
 * Keeps the memory of bodies bounded, whoever sends them. Gives room for a request's body, or null when there is none just
 * now. Throws `RejectedError` for a body that will not be read: compressed (415) or too large (413).
 */
export function bodyRoom(limits: BodyLimits = LIMITS): (request: IncomingMessage) => Room | null {
  let taken = 0;
  return (request) => {
    const claim = claimOf(request, limits);
    if (taken + claim > limits.totalBytes) return null;
    taken += claim;
    return {
      read: () => collect(request, limits.bytes),
      [Symbol.dispose]: () => {
        taken -= claim;
      },
    };
  };
}

/** The client went away, or was too slow: there is nobody to answer. */
export class GoneError extends Error {
  override readonly name = 'GoneError';
}

/** Who does not say how much comes could send as much as is allowed. */
function claimOf({ headers }: IncomingMessage, { bytes, smallBytes }: BodyLimits): number {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw new RejectedError(415, 'send the body as it is, without a content encoding');
  const announced = headers['content-length'];
  const size = announced === undefined ? bytes : Number(announced);
  if (size > bytes) throw tooLarge(bytes);
  return size <= smallBytes ? 0 : size;
}

function collect(request: IncomingMessage, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytes) chunks.push(chunk);
      else reject(tooLarge(bytes));
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    request.on('error', (cause) => reject(new GoneError('the body broke off', { cause })));
  });
}

function tooLarge(bytes: number): RejectedError {
  return new RejectedError(413, `a body may have ${bytes} bytes at most`);
}
