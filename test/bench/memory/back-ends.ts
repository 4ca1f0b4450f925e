import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openEmbedded } from '../../../src/adapters/pglite/embedded.ts';
import { postgresMemory } from '../../../src/adapters/postgres/memory.ts';
import { migrate } from '../../../src/adapters/postgres/migrations.ts';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import { qdrantMemory } from '../../../src/adapters/qdrant/memory.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { ownDatabase } from '../../support/database.ts';

/** A store of past tickets that is empty at first. */
export interface BackEnd extends AsyncDisposable {
  /** As a process that has just started opens it. */
  replica(): Promise<Memory>;
  /** After much was written: what the database does by itself sooner or later. */
  settle(): Promise<void>;
  /** What it takes on disk; null where that is not ours to know. */
  diskMb(): Promise<number | null>;
}

const [serverUrl, qdrantUrl] = [process.env['TEST_DATABASE_URL'], process.env['TEST_QDRANT_URL']];

/** Those that are at hand. */
export const BACK_ENDS: Readonly<Record<string, () => Promise<BackEnd>>> = {
  PGlite: openFolder,
  ...(serverUrl ? { PostgreSQL: () => openDatabase(serverUrl) } : {}),
  ...(qdrantUrl ? { Qdrant: () => openQdrant(qdrantUrl) } : {}),
};

async function openFolder(): Promise<BackEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-bench-'));
  const { driver, vacuum } = await openEmbedded(folder);
  const sql = new Sql(driver);
  await migrate(sql);
  return {
    replica: () => postgresMemory(sql),
    settle: vacuum,
    diskMb: async () => (await sizeOf(folder)) / 1e6,
    [Symbol.asyncDispose]: async () => {
      await driver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.filter((entry) => entry.isFile()).map((file) => stat(join(file.parentPath, file.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

async function openDatabase(url: string): Promise<BackEnd> {
  const database = await ownDatabase(url);
  const { driver } = openServer(database.url, () => {});
  const sql = new Sql(driver);
  await migrate(sql);
  return {
    replica: () => postgresMemory(sql),
    settle: () => sql.script('analyze'),
    diskMb: async () => {
      const Size = z.object({ size: z.coerce.number() });
      const [row] = await sql.rows(Size, 'select pg_database_size(current_database()) as size');
      return row ? row.size / 1e6 : null;
    },
    [Symbol.asyncDispose]: async () => {
      await driver.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function openQdrant(url: string): Promise<BackEnd> {
  const prefix = `bench-${process.pid}`;
  const access = { url, apiKey: process.env['TEST_QDRANT_API_KEY'] ?? null, prefix };
  const options = { ...access, shards: null, replicas: null, quantization: 'off' as const, onAdvice: () => {} };
  return {
    replica: () => qdrantMemory(options),
    settle: async () => {},
    diskMb: async () => null,
    [Symbol.asyncDispose]: () => dropCollections(access),
  };
}

async function dropCollections({ url, apiKey, prefix }: { url: string; apiKey: string | null; prefix: string }) {
  const headers = apiKey === null ? {} : { 'api-key': apiKey };
  const Answer = z.object({ result: z.object({ collections: z.array(z.object({ name: z.string() })) }) });
  const answer = Answer.parse(await (await fetch(`${url}/collections`, { headers })).json());
  for (const { name } of answer.result.collections)
    if (name.startsWith(prefix)) await fetch(`${url}/collections/${name}`, { method: 'DELETE', headers });
}
