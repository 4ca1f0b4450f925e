import { MisconfiguredError } from '../domain/errors.ts';

/** Runs a process's main function; a misconfiguration prints every fault, one a line, and exits 1. */
export async function start(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    for (const fault of error.faults) process.stderr.write(`✗ ${fault}\n`);
    process.exitCode = 1;
  }
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
