/** An answer before it is written: handlers return one, faults replace one. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** Sent as it is instead of `body`. */
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by a handler that says no; carries the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`refused with ${reply.status}`);
    this.reply = reply;
  }
}

export function errorBody(messages: readonly string[], errors: Readonly<Record<string, string>> = {}): object {
  return { errorMessages: messages, errors };
}

export function refusal(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Refusal {
  return new Refusal({ status, body: errorBody([message]), headers });
}

export function fieldRefusal(errors: Readonly<Record<string, string>>, messages: readonly string[] = []): Refusal {
  return new Refusal({ status: 400, body: errorBody(messages, errors) });
}

export function issueMissing(): Refusal {
  return refusal(404, 'Issue does not exist or you do not have permission to see it.');
}

export function unauthorized(): Refusal {
  return new Refusal({
    status: 401,
    body: { message: 'Client must be authenticated to access this resource.', 'status-code': 401 },
    headers: {
      'WWW-Authenticate': 'OAuth realm="https://jira.example.com"',
      'X-Seraph-Loginreason': 'AUTHENTICATED_FAILED',
    },
  });
}

/** The one body of Jira's without an `errors` key. */
export function invalidPayload(detail: string): Refusal {
  const errorMessages = ['Invalid request payload. Refer to the REST API documentation and try again.'];
  return new Refusal({ status: 400, body: { errorMessages }, headers: { 'X-Site-Violation': headerSafe(detail) } });
}

export function noEndpoint(method: string, path: string): Reply {
  const body = {
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: `No endpoint ${method} ${path}.`,
    instance: path,
  };
  return { status: 404, body, contentType: 'application/problem+json;charset=UTF-8' };
}

function headerSafe(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}
