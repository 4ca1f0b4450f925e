import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openEmbedded } from '../../../src/adapters/pglite/embedded.ts';
import { migrate } from '../../../src/adapters/postgres/migrations.ts';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import { ownDatabase } from '../../support/database.ts';
import { layEmptyDatabase } from '../../support/empty-database.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly sql: Sql;
  /** What BullMQ takes as its pool. */
  readonly pool: unknown;
}

/** Every PostgreSQL at hand: always the embedded one, and the server in TEST_DATABASE_URL when there is one. */
export const databases: readonly { readonly name: string; readonly open: () => Promise<TestDatabase> }[] = [
  { name: 'PGlite', open: openInFolder },
  ...serverUrls().map((url) => ({ name: 'PostgreSQL', open: () => openOnServer(url) })),
];

function serverUrls(): string[] {
  const url = process.env['TEST_DATABASE_URL'];
  return url === undefined || url === '' ? [] : [url];
}

/** A database in a folder of its own; opening it takes a second, so a file shares one. */
async function openInFolder(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-contract-'));
  await layEmptyDatabase(folder);
  const { driver, pool } = await openEmbedded(folder);
  return {
    sql: new Sql(driver),
    pool,
    [Symbol.asyncDispose]: async () => {
      await driver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A database of its own on a server, dropped afterwards. */
async function openOnServer(serverUrl: string): Promise<TestDatabase> {
  const database = await ownDatabase(serverUrl);
  const { driver, queuePool } = openServer(database.url, () => {});
  return {
    sql: new Sql(driver),
    pool: queuePool,
    [Symbol.asyncDispose]: async () => {
      await driver.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The same, with our schema in it. */
export async function openMigrated(open: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await open();
  await migrate(database.sql);
  return database;
}

/** Whether vectors can be compared; a server may come without pgvector. */
export async function hasVectors({ sql }: TestDatabase): Promise<boolean> {
  const found = await sql.rows(
    z.object({ extname: z.string() }),
    "select extname from pg_extension where extname = 'vector'",
  );
  return found.length > 0;
}
