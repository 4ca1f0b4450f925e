import { type Logger, pino } from 'pino';

export type { Logger };

/** Logs JSON lines to standard output. Ticket text and secrets are never passed to it; the paths below are a second net. */
export function openLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        '*.headers',
        'headers',
        '*.secret',
        '*.token',
        '*.authorization',
        '*.summary',
        '*.text',
        '*.description',
        '*.body',
      ],
      remove: true,
    },
  });
}
