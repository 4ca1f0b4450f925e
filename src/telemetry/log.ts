import { trace } from '@opentelemetry/api';
import { type Bindings, type ChildLoggerOptions, type DestinationStream, type LogFn, type Logger, pino } from 'pino';
import { safeMessageOf } from '../domain/errors.ts';
import { tellError } from './error.ts';

export type { Logger };

/** Keys under which nothing is logged, whoever passes it. */
const NEVER = new Set([
  'headers',
  'secret',
  'token',
  'apiToken',
  'authorization',
  'summary',
  'text',
  'description',
  'body',
]);
/** Nothing of ours lies deeper, and what is deeper is not logged. */
const DEEPEST = 8;

/**
 * Logs JSON lines to standard output. Ticket text and secrets are never passed to it; what lies under the keys above is
 * dropped all the same, and errors are told by `tellError`. Inside of a trace each line names it.
 */
export function openLog(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Paths of pino's `redact` are read anew for each line, which allocated more than all else in it.
      formatters: { log: tellableFields },
      // They are told already, and pino's own one would tell them again.
      serializers: { err: (told) => told },
      hooks: { logMethod: noBareErrors },
      mixin: ofTrace,
    },
    destination,
  );
  const { child } = log;
  // Each child is made from the one before, so this holds for all of them.
  return Object.assign(log, {
    child(this: Logger, bindings: Bindings, options?: ChildLoggerOptions): Logger {
      return Reflect.apply(child, this, [tellableFields(bindings), options]);
    },
  });
}

function tellableFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(tellableEntries(fields, 0));
}

function tellableEntries(value: object, depth: number): [string, unknown][] {
  const told = Object.entries(value).filter(([key]) => !NEVER.has(key));
  for (const entry of told) entry[1] = tellable(entry, depth + 1);
  return told;
}

function tellable([key, value]: readonly [string, unknown], depth: number): unknown {
  if (key === 'err' || value instanceof Error) return tellError(value);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  if (depth > DEEPEST) return undefined;
  const entries = tellableEntries(value, depth);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
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
