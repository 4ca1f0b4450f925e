import { trace } from '@opentelemetry/api';
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino';
import { safeMessageOf } from '../domain/errors.ts';
import { tellError } from './error.ts';

export type { Logger };

/** Keys under which nothing is logged, whoever passes it. */
const NEVER = ['headers', 'secret', 'token', 'apiToken', 'authorization', 'summary', 'text', 'description', 'body'];

/**
 * Logs JSON lines to standard output. Ticket text and secrets are never passed to it; what lies under the keys above is
 * dropped all the same, and errors are told by `tellError`. Inside of a trace each line names it.
 */
export function openLog(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: withToldErrors },
      // They are told already, and pino's own one would tell them again.
      serializers: { err: (told) => told },
      hooks: { logMethod: noBareErrors },
      mixin: ofTrace,
      redact: { paths: NEVER.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), remove: true },
    },
    destination,
  );
}

function withToldErrors(fields: Record<string, unknown>): Record<string, unknown> {
  const isOne = ([key, value]: [string, unknown]) => key === 'err' || value instanceof Error;
  if (!Object.entries(fields).some(isOne)) return fields;
  return Object.fromEntries(
    Object.entries(fields).map((entry) => [entry[0], isOne(entry) ? tellError(entry[1]) : entry[1]]),
  );
}

/** pino would make the message of an error that is logged alone the message of the line. */
function noBareErrors(this: Logger, args: Parameters<LogFn>, log: LogFn): void {
  const [first, message, ...values] = args;
  const bare: unknown = first;
  if (bare instanceof Error) log.apply(this, [{ err: bare }, message ?? safeMessageOf(bare), ...values]);
  else log.apply(this, args);
}

function ofTrace(): object {
  const context = trace.getActiveSpan()?.spanContext();
  return context ? { traceId: context.traceId } : {};
}
