import v8 from 'node:v8';
import vm from 'node:vm';

/** How a property is run: the same inputs every time, unless FUZZ_SEED says otherwise; FUZZ_FACTOR runs longer. */
export function runs(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  const factor = Number(process.env['FUZZ_FACTOR'] ?? 1);
  return { seed: Number(process.env['FUZZ_SEED'] ?? 42), numRuns: Math.ceil(numRuns * factor) };
}

/** What one input may take of the processor. */
export const MOST_CPU_MS = 200;

/**
 * Does it, and throws when it took more of the processor than that three times in a row: the first time may be the
 * compiler's, the second the garbage collector's. Not by the clock, for others use this machine, too.
 */
export function inTime<T>(what: () => T, mostMs = MOST_CPU_MS): T {
  const times: number[] = [];
  for (;;) {
    const before = process.cpuUsage();
    const result = what();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1_000);
    if (times.some((ms) => ms <= mostMs)) return result;
    if (times.length === 3) throw new Error(`took ${times.map(Math.round).join(', ')} ms of ${mostMs}`);
  }
}

/** Bytes that are in use after everything that nobody holds was thrown away. */
export function heapInUse(): number {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** Promises that nobody waits for and that failed, from now until it is disposed. */
export function watchRejections(): Disposable & { readonly seen: readonly unknown[] } {
  const seen: unknown[] = [];
  const hear = (reason: unknown) => void seen.push(reason);
  process.on('unhandledRejection', hear);
  return { seen, [Symbol.dispose]: () => void process.off('unhandledRejection', hear) };
}
