import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import type { AwaySpan } from '../../roster/calendar.ts';
import type { Window } from './expand.ts';

const Spans: z.ZodType<readonly AwaySpan[]> = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('exact'), fromMs: z.number(), toMs: z.number() }),
    z.object({ kind: z.literal('local'), from: z.string(), to: z.string() }),
  ]),
);

const SCRIPT = fileURLToPath(import.meta.resolve('./expand.ts'));
const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * What `awaySpans` makes of a calendar, in a process of its own that knows nothing of ours. Throws `PermanentError` when
 * it cannot be understood within 20 seconds and 512 MB, `TransientError` when it was stopped; never with words of it.
 */
export async function spansApart(
  text: string,
  { fromMs, toMs }: Window,
  signal?: AbortSignal,
): Promise<readonly AwaySpan[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    process.execPath,
    ['--max-old-space-size=512', SCRIPT, String(fromMs), String(toMs)],
    {
      // All-day events are read on the clock of the process; no other setting or secret of ours belongs there.
      env: { TZ: 'UTC' },
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    },
    (error, output) => (error ? reject(faultOf(error)) : resolve(output)),
  );
  // It may end before it has read everything; how it ended says why.
  child.stdin?.on('error', () => {});
  child.stdin?.end(text);
  return Spans.parse(JSON.parse(await promise));
}

function faultOf({ name }: Error): Error {
  if (name === 'AbortError') return new TransientError('it was stopped');
  return new PermanentError('it is not an iCal calendar, or holds more than can be read');
}
