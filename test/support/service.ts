import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { childEnv } from './child-env.ts';

/** A running service in a process of its own, as an operator would start it. */
export interface Service extends AsyncDisposable {
  /** Webhooks. */
  readonly url: string;
  /** Health, metrics and the admin routes. */
  readonly opsUrl: string;
  readonly pid: number;
  /** From spawn to listening. */
  readonly readyMs: number;
  /** SIGTERM, then waits for the end; returns the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Warnings and errors it logged so far. */
  readonly complaints: readonly string[];
}

/** What can be started; `workers` take no webhooks, `intake` is the HTTP process without workers, `bare-intake` the floor it is measured against. */
const ENTRIES = {
  'all-in-one': '../../workers/all-in-one.ts',
  intake: '../../src/main.ts',
  workers: '../../workers/main.ts',
  'bare-intake': '../bench/bare-intake.ts',
};
export type Entry = keyof typeof ENTRIES;
const LogLine = z.looseObject({
  level: z.number(),
  msg: z.string().optional(),
  port: z.number().default(0),
  opsPort: z.number().default(0),
});
interface Ports {
  readonly port: number;
  readonly opsPort: number;
}

/**
 * Spawns a process of the service and waits until it listens. Throws with its output when it ends before. `hear` gets
 * everything it writes.
 */
export async function startService(
  env: Readonly<Record<string, string>>,
  entry: Entry = 'all-in-one',
  hear: (written: string) => void = () => {},
): Promise<Service> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL(ENTRIES[entry], import.meta.url))], {
    env: { ...childEnv(), HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => hear(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const ports = await listeningPorts(child, complaints);
  return handle(child, { ...ports, complaints, readyMs: performance.now() - startedAt });
}

function handle(
  child: ChildProcess,
  { port, opsPort, complaints, readyMs }: Ports & { complaints: string[]; readyMs: number },
): Service {
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    pid: child.pid ?? 0,
    readyMs,
    complaints,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    [Symbol.asyncDispose]: async () => void (await end('SIGTERM')),
  };
}

/** Resolves with the ports from the line that says it is up, and keeps draining the log. */
function listeningPorts(child: ChildProcess, complaints: string[]): Promise<Ports> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}: ${complaints.join('')}`)));
    if (!child.stdout) return reject(new Error('no standard output'));
    const lines = createInterface({ input: child.stdout });
    // A killed child resets its pipe; its exit is what we act on.
    lines.on('error', (error) => complaints.push(`output ended: ${error.message}`));
    lines.on('line', (line) => {
      const entry = LogLine.safeParse(parsed(line)).data;
      if (entry?.msg === 'listening' || entry?.msg === 'working') resolve(entry);
      if (!entry || entry.level >= 40) complaints.push(line);
    });
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Not a log line; kept as a complaint by the caller.
    return null;
  }
}
