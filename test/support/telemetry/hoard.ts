import { Redis } from 'ioredis';
import pg from 'pg';
import { z } from 'zod';
import { openEmbedded } from '../../../src/adapters/pglite/embedded.ts';

const TABLES = `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'bullmq'`;
const Names = z.array(z.object({ name: z.string() }));
const Rows = z.array(z.object({ row: z.string() }));

type Ask = (sql: string) => Promise<{ readonly rows: readonly unknown[] }>;

async function rowsOf(ask: Ask): Promise<string> {
  const texts: string[] = [];
  for (const { name } of Names.parse((await ask(TABLES)).rows)) {
    const { rows } = await ask(`select row_to_json(t)::text as row from ${name} t`);
    texts.push(...Rows.parse(rows).map(({ row }) => row));
  }
  return texts.join('\n');
}

/** Everything that BullMQ keeps in the folder of a service that has ended. */
export async function jobsInFolder(folder: string): Promise<string> {
  const { driver } = await openEmbedded(folder);
  const text = await rowsOf((sql) => driver.query(sql, []));
  await driver.close();
  return text;
}

/** Everything that BullMQ keeps on a PostgreSQL server. */
export async function jobsInDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const text = await rowsOf((sql) => client.query(sql));
  await client.end();
  return text;
}

/** How the whole of a key is read, by its type. */
const READ: ReadonlyMap<string, readonly [string, ...string[]]> = new Map<string, [string, ...string[]]>([
  ['hash', ['hgetall']],
  ['list', ['lrange', '0', '-1']],
  ['zset', ['zrange', '0', '-1']],
  ['set', ['smembers']],
  ['stream', ['xrange', '-', '+']],
  ['string', ['get']],
]);

/** Every key and value in a Redis database. */
export async function everythingInRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const texts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    // Ended since it was listed.
    if (type === 'none') continue;
    const read = READ.get(type);
    if (!read) throw new Error(`cannot read ${key}`);
    const [command, ...rest] = read;
    texts.push(key, JSON.stringify(await redis.call(command, key, ...rest)));
  }
  redis.disconnect();
  return texts.join('\n');
}
