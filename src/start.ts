import { writeSync } from 'node:fs';
import {
  MisconfiguredError,
  PermanentError,
  RateLimitedError,
  RejectedError,
  safeMessageOf,
  TransientError,
} from './domain/errors.ts';
import { tellError } from './telemetry/error.ts';
import type { Logger } from './telemetry/log.ts';

/**
 * Runs a process's main function; a failure that has a name is printed without a stack, every fault on a line, and exits 1.
 * So does a bug, wherever it shows; Node itself would print the whole of an error, with whatever it carries.
 */
export async function start(main: () => Promise<void>): Promise<void> {
  process.on('uncaughtException', crash);
  try {
    await main();
  } catch (error) {
    const faults = faultsOf(error);
    if (!faults) return crash(error);
    for (const fault of faults) process.stderr.write(`✗ ${fault}\n`);
    process.exitCode = 1;
  }
}

function crash(error: unknown): void {
  const line = { level: 60, time: new Date().toISOString(), err: tellError(error), msg: 'a bug ended this process' };
  // At once: what is written to a pipe in the background would be lost.
  writeSync(process.stderr.fd, `${JSON.stringify(line)}\n`);
  process.exit(1);
}

function faultsOf(error: unknown): readonly string[] | null {
  if (error instanceof MisconfiguredError) return error.faults;
  const named = [PermanentError, TransientError, RateLimitedError, RejectedError];
  return error instanceof Error && named.some((one) => error instanceof one) ? [error.message] : null;
}

/** Whether this process was asked to end. */
export interface Stop {
  readonly asked: Promise<void>;
  readonly isAsked: () => boolean;
}

/**
 * Works until SIGTERM or SIGINT, then ends the process as soon as everything is closed. What is not closed within the
 * grace period ends anyway, with code 1; a second signal ends at once.
 */
export async function untilStopped(graceMs: number, work: (stop: Stop) => Promise<void>): Promise<void> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let isAsked = false;
  const hear = () => {
    if (isAsked) process.exit(1);
    isAsked = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    resolve();
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
  await work({ asked, isAsked: () => isAsked });
  // Jobs that were given up, and connections to what is away, would keep it alive.
  process.exit();
}

/** Of the grace period: how long each part may take to close, one after the other. Jobs that run get the most. */
export const SHARE = { listener: 0.1, workers: 0.6, storage: 0.1 } as const;

/** Closes something, but waits no longer than so for what does not come to an end. What that was is logged. */
export function closedWithin(
  opened: AsyncDisposable,
  { ms, what, log }: { readonly ms: number; readonly what: string; readonly log: Logger },
): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new TransientError(`not closed within ${ms} ms`)), ms);
      });
      try {
        await Promise.race([opened[Symbol.asyncDispose](), late]);
      } catch (error) {
        log.warn({ what, why: safeMessageOf(error) }, 'ends without having been closed');
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
