import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { postgresMemory } from '../../../src/adapters/postgres/memory.ts';
import { migrate } from '../../../src/adapters/postgres/migrations.ts';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { ownDatabase } from '../../support/database.ts';
import { databases, openMigrated, type TestDatabase } from '../support/databases.ts';
import { freshEachTime } from '../support/fresh.ts';
import { about, ask, idsFor } from '../support/memory-stores.ts';

const MODEL = 'small';
const towards = (x: number, y: number) => ({ embedding: { model: MODEL, vector: [x, y] } });
/** By meaning alone. */
const meant = (limit: number, parts = {}) => ask('unrelated', { ...towards(1, 0), limit, keywordWeight: 0, ...parts });

describe.each(databases)('a process that searches the past in $name', ({ open }) => {
  let database: TestDatabase;
  let memory: Memory;

  async function opened() {
    const fresh = await openMigrated(open);
    return {
      database: fresh,
      reset: () => fresh.sql.script('truncate triage.memory, triage.spaces, triage.vectors'),
      [Symbol.asyncDispose]: () => fresh[Symbol.asyncDispose](),
    };
  }

  freshEachTime(opened, async (store) => {
    database = store.database;
    memory = await postgresMemory(database.sql);
  });

  const many = (count: number, parts: (index: number) => object = () => ({})) =>
    Array.from({ length: count }, (_, index) => about(String(10_000 + index), `printer ${index}`, parts(index)));

  test('reads nothing of it as long as nobody asks', async () => {
    const refusing = new Sql({
      query: async (text, params) => {
        if (text.includes('sparse,')) throw new Error('the index was read');
        return { rows: await database.sql.rows(z.unknown(), text, params), affected: 0 };
      },
      script: async () => {},
      close: async () => {},
    });
    await memory.put(many(3, () => towards(1, 0)));
    const writer = await postgresMemory(refusing);
    await writer.forget(['10001']);
    expect(await writer.size()).toBe(2);
    expect((await Array.fromAsync(writer.tickets())).flat()).toHaveLength(2);
    await expect(writer.nearest(ask('printer'))).rejects.toThrow('the index was read');
  });

  test('finds all of what was put at once, however much that is', async () => {
    await memory.put(many(1_700, (index) => towards(1, index)));
    const replica = await postgresMemory(database.sql);
    for (const index of [0, 499, 500, 501, 1_000, 1_699])
      expect((await idsFor(replica, ask(`${index}`)))[0]).toBe(String(10_000 + index));
    const found = await replica.nearest(meant(1_000));
    expect(found.map(({ ticket }) => ticket.id)).toEqual(many(1_000).map(({ id }) => id));
  });

  test('never gives fewer because of near ones that may not be seen', async () => {
    await memory.put([
      ...many(400, () => ({ ...towards(1, 0), securityLevel: 'Board' })),
      ...[1, 2, 3].map((id) => about(String(id), 'toner', towards(1, id))),
    ]);
    expect(await idsFor(memory, meant(3))).toEqual(['1', '2', '3']);
  });

  test('never gives fewer because of near ones whose words are others by now', async () => {
    await memory.put([
      ...many(400, () => towards(1, 0)),
      ...[1, 2, 3].map((id) => about(String(id), 'toner', towards(1, id))),
    ]);
    expect((await idsFor(memory, meant(3))).length).toBe(3);
    await memory.put(many(400).map((ticket) => ({ ...ticket, summary: `${ticket.summary} again` })));
    expect((await memory.nearest(meant(3, { projects: ['IT'] }))).map(({ ticket }) => ticket.id)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  test('goes on in the new space when another takes its place', async () => {
    await memory.put([about('1', 'toner', towards(1, 0)), about('2', 'mouse', towards(0, 1))]);
    expect(await idsFor(memory, meant(1))).toEqual(['1']);
    const space = { model: 'other', dimensions: 3 };
    const replica = await postgresMemory(database.sql);
    await replica.spaces.open(space);
    for await (const page of replica.spaces.missing(space))
      await replica.spaces.store(
        space,
        page.map((ticket) => ({ ticket, vector: ticket.id === '1' ? [0, 0, 1] : [1, 0, 0] })),
      );
    await replica.spaces.complete(space);
    const query = ask('unrelated', { embedding: { model: 'other', vector: [1, 0, 0] }, limit: 1, keywordWeight: 0 });
    expect(await idsFor(memory, query)).toEqual(['2']);
    expect(await idsFor(memory, meant(1))).toEqual([]);
  });

  test('refuses a number that no vector can hold, and keeps the ticket', async () => {
    await expect(memory.put([about('1', 'toner', towards(1e300, 0))])).rejects.toThrow('no number');
    expect(await memory.size()).toBe(1);
  });

  test('follows a database that was restored elsewhere, where transactions are counted anew', async () => {
    await memory.put(many(700, (index) => towards(1, index)));
    for (const table of ['memory', 'vectors'])
      await database.sql.execute(`update triage.${table} set changed_by = '9999999999'::text::xid8`);
    const replica = await postgresMemory(database.sql);
    expect(await idsFor(replica, meant(2))).toEqual(['10000', '10001']);
    for (const table of ['memory', 'vectors']) {
      const ahead = `select count(*)::int as rows from triage.${table} where changed_by > pg_current_xact_id()`;
      expect(await database.sql.rows(z.object({ rows: z.number() }), ahead)).toEqual([{ rows: 0 }]);
    }
    await memory.put([about('10000', 'screen')]);
    await expect.poll(() => idsFor(replica, ask('screen')), { timeout: 3_000 }).toEqual(['10000']);
  });
});

const serverUrl = process.env['TEST_DATABASE_URL'];

describe.skipIf(!serverUrl)('rows that are committed late, on a server', () => {
  test('are found although later ones were seen before them', async () => {
    const own = await ownDatabase(serverUrl ?? '');
    onTestFinished(() => own[Symbol.asyncDispose]());
    const { driver } = openServer(own.url, () => {});
    onTestFinished(() => driver.close());
    const sql = new Sql(driver);
    await migrate(sql);
    const memory = await postgresMemory(sql);
    await memory.put([about('1', 'printer', towards(1, 0)), about('2', 'printer', towards(1, 1))]);
    const slow = new pg.Client({ connectionString: own.url });
    await slow.connect();
    onTestFinished(() => slow.end());
    await slow.query('begin');
    await slow.query("update triage.memory set project = 'HR', changed_by = pg_current_xact_id() where id = '1'");
    await slow.query(
      "update triage.vectors set embedding = '\\x0000000000000000', changed_by = pg_current_xact_id() where id = '2'",
    );
    for (let id = 3; id < 6; id++) {
      await memory.put([about(String(id), 'printer')]);
      expect(await idsFor(memory, ask('printer'))).toContain('1');
    }
    await slow.query('commit');
    await expect.poll(() => idsFor(memory, ask('printer', { projects: ['HR'] })), { timeout: 3_000 }).toEqual(['1']);
    const [found] = await memory.nearest(meant(1, { projects: ['IT'] }));
    expect(found).toMatchObject({ ticket: { id: '2' }, similarity: 0 });
  });
});
