import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../support/port.ts';

/** A PostgreSQL server of a test's own, which may be ended and started at will. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it as an immediate shutdown does: connections are cut, the next start recovers from the log. */
  stopAtOnce(): Promise<void>;
  start(): Promise<void>;
}

/** Null where PostgreSQL is not installed. */
export async function startPostgres(): Promise<PostgresServer | null> {
  const binaries = folderOfBinaries();
  if (binaries === null) return null;
  const port = await freePort();
  const as = ordinaryUser();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-postgres-'));
  if (as) await chown(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  await promisify(execFile)(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    ...as,
    cwd: folder,
  });
  // What a process had written survives its end without fsync, too; only a power cut would tell.
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=500',
  ];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const launch = () =>
    spawn(join(binaries, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...as,
      cwd: folder,
      stdio: 'ignore',
    });
  let server = launch();
  await untilAnswering(url);
  const stopAtOnce = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
  };
  return {
    url,
    port,
    stopAtOnce,
    start: async () => {
      server = launch();
      await untilAnswering(url);
    },
    [Symbol.asyncDispose]: async () => {
      await stopAtOnce();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ends every connection to a database but ours, as an administrator or a fail-over would; returns how many. */
export async function terminateBackends(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rowCount } = await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await client.end();
  return rowCount ?? 0;
}

async function untilAnswering(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    // A connection that is cut while it starts tells so twice.
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error('PostgreSQL does not answer', { cause });
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }
}

function folderOfBinaries(): string | null {
  const root = '/usr/lib/postgresql';
  try {
    const newest = readdirSync(root).sort((one, other) => Number(other) - Number(one))[0];
    return newest === undefined ? null : join(root, newest, 'bin');
  } catch {
    // Not installed, or not where Debian puts it.
    return null;
  }
}

/** PostgreSQL refuses to run as root; its own account exists wherever it is installed. */
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
