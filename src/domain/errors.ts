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

/** The other side asked us to slow down for `retryAfterMs` milliseconds. */
export class RateLimitedError extends Error {
  override readonly name = 'RateLimitedError';
  readonly retryAfterMs: number;
  /** What to pause: this one issue, or everything sent to the site. */
  readonly scope: 'issue' | 'site';
  constructor(message: string, pause: { readonly retryAfterMs: number; readonly scope: 'issue' | 'site' }) {
    super(message);
    this.retryAfterMs = pause.retryAfterMs;
    this.scope = pause.scope;
  }
}

/** Will never succeed as it stands: no retry, keep it visible. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
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
