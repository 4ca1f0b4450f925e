import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dispatcher, Pool } from 'undici';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import type { Headers } from './pace/answer.ts';

export interface WireRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * One request, at most 15 s and 50 MB. Redirects are answers like any other. Throws `TransientError` when there is no
 * whole answer in time, `PermanentError` when it is too large.
 */
export type Wire = (request: WireRequest) => Promise<WireAnswer>;

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 50 * 1024 * 1024;
const OPTIONS = {
  /** More than this at once would only wait at Jira instead of here. */
  connections: 64,
  pipelining: 1,
  allowH2: false,
  connectTimeout: 5_000,
  keepAliveTimeout: 20_000,
  headersTimeout: TIMEOUT_MS,
  bodyTimeout: TIMEOUT_MS,
} as const;

/**
 * Connections to one origin that are kept and used again; idle ones keep no process alive. By undici's `dispatch`,
 * because `fetch` takes four times the processor time for the same request, and `request` twice.
 */
export function openWire(origin: string, { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = {}): Wire {
  const pool = new Pool(origin, OPTIONS);
  return async (request) => {
    const { status, headers, body } = await exchange(pool, request, { timeoutMs, maxBytes });
    return { status, headers, text: (await unpacked(body, headers, maxBytes)).toString() };
  };
}

interface Bounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

function exchange(pool: Pool, request: WireRequest, { timeoutMs, maxBytes }: Bounds): Promise<Received> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let head: Omit<Received, 'body'> | null = null;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let failure: Error | null = null;
    const fail = (error: Error) => {
      clearTimeout(limit);
      failure = error;
      reject(error);
      controller?.abort(error);
    };
    const late = () => fail(new TransientError(`Jira gave no whole answer within ${timeoutMs / 1_000} s`));
    const limit = setTimeout(late, timeoutMs);
    pool.dispatch(
      { ...request, headers: { ...request.headers, 'accept-encoding': 'gzip' } },
      {
        onRequestStart: (started) => {
          controller = started;
          // It waited for a connection until it was too late.
          if (failure !== null) started.abort(failure);
        },
        onResponseStart: (_, status, headers) => {
          head = { status, headers };
        },
        onResponseData: (_, chunk) => {
          bytes += chunk.length;
          if (bytes > maxBytes) fail(new PermanentError(`Jira answered with more than ${maxBytes} bytes`));
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          clearTimeout(limit);
          if (head !== null) resolve({ ...head, body: Buffer.concat(chunks) });
        },
        onResponseError: (_, cause) => {
          clearTimeout(limit);
          reject(
            new TransientError(head === null ? 'Jira cannot be reached' : 'Jira broke off in the middle of an answer', {
              cause,
            }),
          );
        },
      },
    );
  });
}

const unzip = promisify(gunzip);

async function unpacked(body: Buffer, headers: Headers, maxBytes: number): Promise<Buffer> {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body;
  try {
    if (encoding === 'gzip') return await unzip(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    throw new TransientError('Jira answered with something that cannot be unpacked', { cause });
  }
  throw new TransientError('Jira answered in an encoding that was not asked for');
}
