/** What goes over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** Instead of `body`: sent as it is. */
  readonly text?: string | undefined;
  readonly contentType?: string | undefined;
}

/** Why a request is refused, in OpenAI's terms; each profile puts it into its own form. */
export interface Fault {
  readonly status: number;
  readonly message: string;
  readonly type?: string | undefined;
  readonly param?: string | null | undefined;
  readonly code?: string | null | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Further members of the error, for example Azure's `innererror`. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** Ends the handling of a request; only the server catches it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

export function badRequest(message: string, param: string | null = null, code: string | null = null): Refusal {
  return new Refusal({ status: 400, message, type: 'invalid_request_error', param, code });
}

/** Valid, but not imitated: said loudly, lest a test believe in it. */
export function notSimulated(what: string): Refusal {
  return new Refusal({
    status: 501,
    message: `${what} is not simulated`,
    type: 'not_simulated',
    headers: { 'x-should-retry': 'false' },
  });
}
