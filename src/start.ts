import {
  MisconfiguredError,
  PermanentError,
  RateLimitedError,
  RejectedError,
  TransientError,
} from './domain/errors.ts';

/** Runs a process's main function; a failure that has a name is printed without a stack, every fault on a line, and exits 1. */
export async function start(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const faults = faultsOf(error);
    if (!faults) throw error;
    for (const fault of faults) process.stderr.write(`✗ ${fault}\n`);
    process.exitCode = 1;
  }
}

function faultsOf(error: unknown): readonly string[] | null {
  if (error instanceof MisconfiguredError) return error.faults;
  const named = [PermanentError, TransientError, RateLimitedError, RejectedError];
  return error instanceof Error && named.some((one) => error instanceof one) ? [error.message] : null;
}

const GRACE_MS = 25_000;

/** Resolves on SIGTERM or SIGINT; if closing then takes longer than the grace period, the process ends anyway. */
export async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  setTimeout(() => process.exit(1), GRACE_MS).unref();
}
