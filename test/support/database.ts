import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openProxy, type TcpProxy } from './proxy.ts';

/** A database of its own on a PostgreSQL server, dropped afterwards. */
export async function ownDatabase(serverUrl: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const name = `triage_test_${randomUUID().replaceAll('-', '')}`;
  await administer(serverUrl, `create database ${name}`);
  const own = new URL(serverUrl);
  own.pathname = `/${name}`;
  return { url: own.href, [Symbol.asyncDispose]: () => administer(serverUrl, `drop database ${name} with (force)`) };
}

/** The same, behind a line that can be cut. */
export async function proxiedDatabase(
  serverUrl: string,
): Promise<{ readonly url: string; readonly name: string; readonly proxy: TcpProxy } & AsyncDisposable> {
  const database = await ownDatabase(serverUrl);
  const behind = new URL(database.url);
  const proxy = await openProxy(() => ({ host: behind.hostname, port: Number(behind.port || 5432) }));
  const url = new URL(database.url);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return {
    url: url.href,
    name: behind.pathname.slice(1),
    proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
