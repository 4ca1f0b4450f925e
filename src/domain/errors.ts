/**
 * Errors named by what to do next. Adapters translate vendor errors into these; `app.ts` and `run.ts` translate
 * these into HTTP answers and job outcomes. Nothing else translates.
 */

/** The caller's fault: answer 4xx, never queue. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly status: number;
  constructor(status: 400 | 401 | 404 | 413 | 415, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** May pass later: retry with backoff, or answer 503. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** What to pause: writes to one issue, one kind of request, or everything sent to the site. */
export type PauseScope = 'issue' | 'endpoint' | 'site';

/** The other side asked us to slow down for `retryAfterMs` milliseconds. */
export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError';
  readonly retryAfterMs: number;
  readonly scope: PauseScope;
  constructor(message: string, pause: { readonly retryAfterMs: number; readonly scope: PauseScope }) {
    super(message);
    this.retryAfterMs = pause.retryAfterMs;
    this.scope = pause.scope;
  }
}

/** Will never succeed as it stands: no retry, keep it visible. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  /** The message without what the other side said, which may repeat what it was sent. */
  get safeMessage(): string {
    return this.message;
  }
}

/** Our own configuration is wrong; `faults` are printed one per line. */
export class MisconfiguredError extends Error {
  override readonly name = 'MisconfiguredError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[], options?: ErrorOptions) {
    super(faults.join('\n'), options);
    this.faults = faults;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Errors of ours, whose messages are our own words. */
const OURS = [RejectedError, TransientError, RateLimitedError, MisconfiguredError];
const MAX_LENGTH = 300;

/**
 * The message of anything thrown, fit for logs, queues and traces: what another program quotes is left out, for it may
 * be a ticket, a row or a secret. PostgreSQL and V8 quote what they cannot read, and APIs answer with what they were sent.
 */
export function safeMessageOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  if (error instanceof PermanentError) return error.safeMessage;
  if (OURS.some((one) => error instanceof one) || isOfSystem(error)) return error.message.slice(0, MAX_LENGTH);
  if (isAnswer(error)) return 'the other side refused';
  if (error instanceof SyntaxError || error.name === 'ZodError') return 'not what was expected';
  return `${withoutQuotes(error.message).slice(0, MAX_LENGTH)}${namesIn(error)}`;
}

/** What PostgreSQL calls the trouble and the constraint: names of ours, not of what is in the row. */
function namesIn(error: Error): string {
  const given = 'severity' in error ? [field(error, 'code'), field(error, 'constraint')] : [];
  const names = given.filter((name) => /^\w{1,63}$/.test(name));
  return names.length === 0 ? '' : ` (${names.join(' ')})`;
}

function field(error: object, name: string): string {
  return String(new Map(Object.entries(error)).get(name) ?? '');
}

/** Files, hosts and ports. */
function isOfSystem(error: Error): boolean {
  return 'syscall' in error && 'errno' in error;
}

/** An error made of an HTTP answer. */
function isAnswer(error: Error): boolean {
  return 'status' in error || 'statusCode' in error || 'response' in error;
}

/** From the first quotation mark to the last: what is quoted may hold some of its own. An apostrophe begins nothing. */
function withoutQuotes(message: string): string {
  const from = message.search(/["`“]|(?<!\w)'/);
  if (from < 0) return message;
  const to = Math.max(...['"', '`', '”', "'"].map((mark) => message.lastIndexOf(mark)));
  return `${message.slice(0, from)}"…"${to > from ? message.slice(to + 1) : ''}`;
}
