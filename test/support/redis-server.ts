import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './port.ts';

export interface RedisOptions {
  readonly port?: number;
  /** Keeps every write on disk before it answers; on unless told otherwise. */
  readonly appendOnly?: boolean;
  /** Further lines of redis.conf. */
  readonly config?: readonly string[];
  /** What redis-cli needs to be let in. */
  readonly login?: readonly string[];
  /** Watches others instead of keeping data. */
  readonly isSentinel?: boolean;
}

/** A Redis of one's own in a folder of its own, as a process that may be ended in every way. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** What redis-cli prints; throws when Redis refuses. */
  cli(...words: readonly string[]): Promise<string>;
  /** Ends it in order: what is kept at all is on disk. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again under the same address, with the data on its disk or with none. */
  restart(how?: { readonly withData: boolean }): Promise<void>;
  /** From now on it answers nobody and closes nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
}

const run = promisify(execFile);
const PATIENCE_MS = 10_000;

/** Starts a Redis and waits until it answers; disposing ends it and removes its data. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-redis-'));
  const port = options.port ?? (await freePort());
  const place = { folder, port, options };
  let child = await launch(place);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    cli: (...words) => ask(place, words),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    restart: async ({ withData } = { withData: true }) => {
      await end('SIGTERM');
      if (!withData) await rm(join(folder, 'data'), { recursive: true, force: true });
      child = await launch(place);
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly options: RedisOptions;
}

async function launch(place: Place): Promise<ChildProcess> {
  const { folder, port, options } = place;
  const { appendOnly = true, config = [], isSentinel = false } = options;
  await mkdir(join(folder, 'data'), { recursive: true });
  const file = join(folder, 'redis.conf');
  const persistence = isSentinel ? [] : [`appendonly ${appendOnly ? 'yes' : 'no'}`, 'appendfsync always', 'save ""'];
  const address = config.some((line) => line.startsWith('port ')) ? [] : [`port ${port}`];
  const log = join(folder, 'log');
  const lines = [
    ...address,
    'bind 127.0.0.1',
    `dir ${join(folder, 'data')}`,
    `logfile ${log}`,
    ...persistence,
    ...config,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn('redis-server', [file, ...(isSentinel ? ['--sentinel'] : [])], { stdio: 'ignore' });
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isAnswering(place))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(
        `redis-server on port ${port} did not start: ${await readFile(log, 'utf8').catch(() => 'no log')}`,
      );
    }
    await new Promise((resume) => setTimeout(resume, 20));
  }
  return child;
}

async function isAnswering(place: Place): Promise<boolean> {
  return await ask(place, ['ping']).then(
    (reply) => reply === 'PONG',
    () => false,
  );
}

async function ask({ port, options: { login = [] } }: Place, words: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-e', '-p', String(port), ...login, ...words], { timeout: PATIENCE_MS });
  return stdout.trim();
}

/** Whether all programs are on the PATH; else says what is skipped, and fails where nothing may be. */
export function areInstalled(programs: readonly string[], what: string): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return true;
  if (process.env['CI_REQUIRE_SHARED'] === '1')
    throw new Error(`${missing.join(', ')} not installed, needed for ${what}`);
  process.stdout.write(`skipped without ${missing.join(', ')}: ${what}\n`);
  return false;
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
