import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';
import type { Driver } from '../postgres/sql.ts';
import { lockFolder } from './folder-lock.ts';
import { keepWebAssemblySmall } from './small-wasm.ts';

/** 16 MB of shared buffers instead of 128: measured 120 MB less resident memory, no slower at our sizes. */
const START_PARAMS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB', '-c', 'search_path=bullmq,public'];

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
  return {
    driver: {
      query: async (text, params) => {
        const result = await database.query(text, [...params]);
        return { rows: result.rows, affected: result.affectedRows ?? 0 };
      },
      script: async (text) => void (await database.exec(text)),
      close: async () => {
        await database.close();
        lock[Symbol.dispose]();
      },
    },
    pool: new InProcessPool(database),
    vacuum: async () => void (await database.exec('vacuum (analyze)')),
  };
}

async function openDatabase(folder: string): Promise<PGlite> {
  if (!existsSync(folder)) await initialise(folder);
  try {
    return await PGlite.create({ dataDir: folder, extensions: { vector }, startParams: START_PARAMS });
  } catch (cause) {
    throw new MisconfiguredError(
      [
        `The database in ${folder} cannot be opened (${messageOf(cause)}). Restore it from a backup, or move the folder away to start empty; a backfill refills the past from Jira.`,
      ],
      { cause },
    );
  }
}

/** Creates the database in a process of its own (initdb needs 500 MB that would never be given back) and moves it into place whole. */
async function initialise(folder: string): Promise<void> {
  const scratch = `${folder}.new`;
  await rm(scratch, { recursive: true, force: true });
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.resolve('./initialise.ts')), scratch]);
  await rename(scratch, folder);
}

/**
 * The part of `pg.Pool` that BullMQ uses, over the one PGlite session. Behind a socket BullMQ's workers miss NOTIFY and
 * sleep `drainDelay` (5 s); here they wake at once.
 */
export class InProcessPool extends EventEmitter {
  readonly #database: PGlite;
  /** BullMQ reads this to learn that a lost LISTEN would be noticed; in one process it cannot be lost. */
  readonly options = { keepAlive: true };

  constructor(database: PGlite) {
    super();
    // Every queue and every worker listens here.
    this.setMaxListeners(0);
    this.#database = database;
  }

  async connect(): Promise<InProcessClient> {
    return new InProcessClient(this.#database);
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<PoolResult<Row>> {
    return run(this.#database, text, params);
  }

  /** BullMQ must not end what it does not own. */
  async end(): Promise<void> {}
}

class InProcessClient extends EventEmitter {
  readonly #database: PGlite;
  readonly #unsubscribe: () => void;

  constructor(database: PGlite) {
    super();
    this.setMaxListeners(0);
    this.#database = database;
    this.#unsubscribe = database.onNotification((channel, payload) => this.emit('notification', { channel, payload }));
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<PoolResult<Row>> {
    return run(this.#database, text, params);
  }

  release(): void {
    this.#unsubscribe();
  }
}

interface PoolResult<Row> {
  rows: Row[];
  rowCount: number;
}

/** Migrations are several statements at once, which only the simple protocol takes; nobody reads their rows. */
async function run<Row>(database: PGlite, text: string, params: readonly unknown[] = []): Promise<PoolResult<Row>> {
  if (params.length === 0 && isScript(text)) {
    await database.exec(text);
    return { rows: [], rowCount: 0 };
  }
  const result = await database.query<Row>(text, [...params]);
  return { rows: result.rows, rowCount: result.affectedRows ?? result.rows.length };
}

function isScript(text: string): boolean {
  return /;\s*\S/.test(text.replace(/--.*$/gm, ''));
}
