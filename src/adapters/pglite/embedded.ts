import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';
import type { Driver } from '../postgres/sql.ts';
import { lockFolder } from './folder-lock.ts';
import { keepWebAssemblySmall } from './small-wasm.ts';
import { Statements } from './statements.ts';

/**
 * 16 MB of shared buffers instead of 128: measured 120 MB less resident memory, no slower at our sizes. Statistics from
 * 3,000 rows of a table instead of 30,000: of 100,000 past tickets in 0.1 s of this thread instead of 1.2 s. No
 * scans where rows are found by keys: a plan from when a table was nearly empty is kept until statistics are taken again.
 */
const START_PARAMS = [
  ...PGlite.defaultStartParams,
  ...['-c', 'shared_buffers=16MB'],
  ...['-c', 'search_path=bullmq,public'],
  ...['-c', 'default_statistics_target=10'],
  ...['-c', 'enable_seqscan=off'],
];

export interface Embedded {
  readonly driver: Driver;
  /** What BullMQ's PostgreSQL backend takes as its `pg.Pool`. */
  readonly pool: InProcessPool;
  /** Reclaims the space of dead rows, which PGlite never does by itself. */
  vacuum(): Promise<void>;
}

/**
 * Opens PostgreSQL inside this process on one folder, creating it at first. Throws `MisconfiguredError` when another
 * process holds the folder or when the data in it cannot be opened (it is never created anew over existing data).
 */
export async function openEmbedded(folder: string): Promise<Embedded> {
  await mkdir(folder, { recursive: true });
  keepWebAssemblySmall();
  const lock = lockFolder(folder);
  const database = await openDatabase(join(folder, 'pg')).catch((cause: unknown) => {
    lock[Symbol.dispose]();
    throw cause;
  });
  await database.exec('set search_path to bullmq, public');
  const statements = new Statements(database);
  return {
    driver: {
      query: (text, params) => statements.query(text, params, { scans: true }),
      brief: (text, params) => statements.query(text, params),
      script: async (text) => void (await database.exec(text)),
      close: async () => {
        await database.close();
        lock[Symbol.dispose]();
      },
    },
    pool: new InProcessPool(database, statements),
    vacuum: () => vacuum(database),
  };
}

/** Table by table, so that what waits in between has its turn. */
async function vacuum(database: PGlite): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('triage', 'bullmq')",
  );
  for (const { name } of rows) {
    await database.exec(`vacuum (analyze) ${name}`);
    await breathe();
  }
}

async function openDatabase(folder: string): Promise<PGlite> {
  const files = await filesIn(folder);
  if (files.length === 0) await initialise(folder);
  // PGlite would take it for new and create a database over what is left of the old one.
  if (files.length > 0 && !files.includes('PG_VERSION')) throw unopened(folder, 'the file PG_VERSION is missing');
  try {
    return await PGlite.create({ dataDir: folder, extensions: { vector }, startParams: START_PARAMS });
  } catch (cause) {
    throw unopened(folder, messageOf(cause), { cause });
  }
}

/** None where there is no such folder, and in an empty one, which is as good as none. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function unopened(folder: string, why: string, options: ErrorOptions = {}): MisconfiguredError {
  return new MisconfiguredError(
    [
      `The database in ${folder} cannot be opened and was left as it is: ${why.replace(/\.$/, '')}. Put a copy of the folder from a backup in its place, or move it away to start empty. Then \`triage backfill\` refills the past, and \`triage sweep --since 7d\` finds the tickets of the last days.`,
    ],
    options,
  );
}

/**
 * Creates the database in a process of its own (initdb needs 500 MB that would never be given back) and moves it into
 * place whole. Each try has a folder of its own: who was killed may have left a process that still writes to the last.
 */
async function initialise(folder: string): Promise<void> {
  const scratch = await mkdtemp(`${folder}.new-`);
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.resolve('./initialise.ts')), scratch]);
  // Takes the place of an empty folder, too.
  await rename(scratch, folder);
  await removeScratches(folder);
}

/** What earlier tries left behind. */
async function removeScratches(folder: string): Promise<void> {
  const siblings = await readdir(dirname(folder));
  const left = siblings.filter((name) => name.startsWith(`${basename(folder)}.new`));
  for (const name of left) await rm(join(dirname(folder), name), { recursive: true, force: true, maxRetries: 5 });
}

/**
 * The part of `pg.Pool` that BullMQ uses, over the one PGlite session. Behind a socket BullMQ's workers miss NOTIFY and
 * sleep `drainDelay` (5 s); here they wake at once.
 */
export class InProcessPool extends EventEmitter {
  readonly #database: PGlite;
  readonly #statements: Statements;
  /** BullMQ reads this to learn that a lost LISTEN would be noticed; in one process it cannot be lost. */
  readonly options = { keepAlive: true };

  constructor(database: PGlite, statements: Statements) {
    super();
    // Every queue and every worker listens here.
    this.setMaxListeners(0);
    this.#database = database;
    this.#statements = statements;
  }

  async connect(): Promise<InProcessClient> {
    return new InProcessClient(this.#database, this);
  }

  /** Migrations are several statements at once, which only the simple protocol takes; nobody reads their rows. */
  async query<Row>(text: string, params: readonly unknown[] = []): Promise<PoolResult<Row>> {
    if (params.length === 0 && isScript(text)) {
      await this.#database.exec(text);
      return { rows: [], rowCount: 0 };
    }
    const { rows, affected } = await this.#statements.query<Row>(text, params);
    return { rows, rowCount: affected };
  }

  /** BullMQ must not end what it does not own. */
  async end(): Promise<void> {}
}

class InProcessClient extends EventEmitter {
  readonly #pool: InProcessPool;
  readonly #unsubscribe: () => void;

  constructor(database: PGlite, pool: InProcessPool) {
    super();
    this.setMaxListeners(0);
    this.#pool = pool;
    this.#unsubscribe = database.onNotification((channel, payload) => this.emit('notification', { channel, payload }));
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<PoolResult<Row>> {
    return this.#pool.query(text, params);
  }

  release(): void {
    this.#unsubscribe();
  }
}

interface PoolResult<Row> {
  rows: Row[];
  rowCount: number;
}

function isScript(text: string): boolean {
  return /;\s*\S/.test(text.replace(/--.*$/gm, ''));
}
