import type { IncomingHttpHeaders } from 'node:http';

export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Parsed, or the text itself where it is no JSON. */
  readonly body: unknown;
}

/** A request as it came, for tests that look at what was sent. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
  readonly body: unknown;
  /** The texts to embed; none in other requests. */
  readonly texts: readonly string[];
  /** 0 where nothing was answered. */
  readonly status: number;
  readonly at: number;
}

export interface RequestLog {
  /** The latest ones. */
  readonly requests: readonly LoggedRequest[];
  /** Of all there ever were. */
  readonly statuses: ReadonlyMap<number, number>;
  add(call: Call, outcome: { readonly status: number; readonly texts: readonly string[]; readonly at: number }): void;
}

export function openLog(size: number): RequestLog {
  const requests: LoggedRequest[] = [];
  const statuses = new Map<number, number>();
  return {
    requests,
    statuses,
    add: ({ method, url, headers, body }, { status, texts, at }) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const apiKey = headers['api-key'];
      requests.push({
        method,
        path: `${url.pathname}${url.search}`,
        authorization: headers.authorization,
        apiKey: typeof apiKey === 'string' ? apiKey : undefined,
        body,
        texts,
        status,
        at,
      });
      if (requests.length > size) requests.shift();
    },
  };
}
