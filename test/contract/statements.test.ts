import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Embedded, openEmbedded } from '../../src/adapters/pglite/embedded.ts';
import type { SqlValue } from '../../src/adapters/postgres/sql.ts';
import { layEmptyDatabase } from '../support/empty-database.ts';

let folder = '';
let embedded: Embedded;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triage-statements-'));
  await layEmptyDatabase(folder);
  embedded = await openEmbedded(folder);
});

afterAll(async () => {
  await embedded.driver.close();
  await rm(folder, { recursive: true, force: true });
});

const query = (text: string, params: readonly SqlValue[] = []) => embedded.driver.query(text, params);
const rowsOf = async (text: string, params: readonly SqlValue[] = []) => (await query(text, params)).rows;

describe('statements of the embedded database', () => {
  it('are planned once, whatever they are asked with', async () => {
    const text = 'select $1::int + 1 as sum, $2::text[] as names, $3::jsonb as facts';
    for (const number of [1, 2, 3]) {
      const [row] = await rowsOf(text, [number, ['ä', '数'], '{"a": null}']);
      expect(row).toEqual({ sum: number + 1, names: ['ä', '数'], facts: { a: null } });
    }
    const planned = 'select generic_plans + custom_plans as times from pg_prepared_statements where statement = $1';
    expect(await rowsOf(planned, [text])).toEqual([{ times: 3 }]);
  });

  it('that find rows by keys are not planned to read a table that is nearly empty still; others may be', async () => {
    await embedded.driver.script(
      'create table young (id int primary key); insert into young values (1); analyze young',
    );
    const explain = 'explain (costs off) select * from young where id = 1';
    const planOf = async (ask = embedded.driver.query) => JSON.stringify((await ask(explain, [])).rows);
    expect(await planOf(embedded.driver.brief)).toContain('Index');
    expect(await planOf()).toContain('Seq Scan');
    expect(await planOf(embedded.driver.brief)).toContain('Index');
    await expect(query('select nonsense from young')).rejects.toThrow('does not exist');
    expect(await planOf(embedded.driver.brief)).toContain('Index');
  });

  it('that may read whole tables are planned for the tables as they are now', async () => {
    await embedded.driver.script('create table growing (id int primary key)');
    await embedded.driver.script('insert into growing values (0)');
    await embedded.driver.script('vacuum analyze growing');
    const text = `select id, (select count(*)::int from growing where id = t.id) as times from unnest($1::int[]) as t (id)`;
    const ids = Array.from({ length: 1_000 }, (_, index) => 10_000 - index);
    for (let time = 0; time < 10; time++) await query(text, [ids]);
    await query('insert into growing select generate_series(1, $1::int)', [10_000]);
    const from = performance.now();
    expect(await rowsOf(text, [ids])).toContainEqual({ id: 10_000, times: 1 });
    // With the plan from before it reads the whole table for each of them.
    expect(performance.now() - from).toBeLessThan(100);
  });

  it('tell how many rows they wrote', async () => {
    await embedded.driver.script('create table written (id int primary key)');
    expect(await query('insert into written select generate_series(1, $1::int)', [3])).toEqual({
      rows: [],
      affected: 3,
    });
    expect(await query('delete from written where id > $1 returning id', [2])).toEqual({
      rows: [{ id: 3 }],
      affected: 1,
    });
    expect(await query('update written set id = 0 where id = $1', [9])).toEqual({ rows: [], affected: 0 });
  });

  it('go on after a migration changed what they return', async () => {
    await embedded.driver.script('create table changing (id int); insert into changing values (1)');
    expect(await rowsOf('select * from changing')).toEqual([{ id: 1 }]);
    await embedded.driver.script('alter table changing add column name text');
    expect(await rowsOf('select * from changing')).toEqual([{ id: 1, name: null }]);
  });

  it('that are refused change nothing, tell no parameter, and keep nobody from asking on', async () => {
    await embedded.driver.script('create table strict (id int primary key, secret text)');
    const insert = 'insert into strict values ($1, $2)';
    await query(insert, [1, 'one']);
    const refused = await query(insert, [1, 'hunter2']).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: '23505' });
    expect(refused).not.toHaveProperty('params');
    await expect(query('select nonsense')).rejects.toThrow('does not exist');
    await expect(query(insert, ['no number', 'two'])).rejects.toThrow('invalid input syntax');
    await query(insert, [2, 'two']);
    expect(await rowsOf('select * from strict order by id')).toEqual([
      { id: 1, secret: 'one' },
      { id: 2, secret: 'two' },
    ]);
  });

  it('that were not used for long are given up', async () => {
    for (let number = 0; number < 600; number++) expect(await rowsOf(`select ${number} as n`)).toEqual([{ n: number }]);
    const [counted] = await rowsOf('select count(*)::int as kept from pg_prepared_statements');
    expect(counted).toEqual({ kept: 500 });
    expect(await rowsOf('select 0 as n')).toEqual([{ n: 0 }]);
  });

  it('and scripts asked for at the same moment run one after the other', async () => {
    await embedded.driver.script('create table counted (n int); insert into counted values (0)');
    const twice = 'update counted set n = n + 1; update counted set n = n + 1';
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 4 === 0 ? embedded.driver.script(twice) : query('update counted set n = n + $1', [1]),
      ),
    );
    expect(await rowsOf('select n from counted')).toEqual([{ n: 50 }]);
  });

  it('are refused once the database is closed', async () => {
    const other = await mkdtemp(join(tmpdir(), 'triage-statements-'));
    await layEmptyDatabase(other);
    const { driver } = await openEmbedded(other);
    const last = driver.query('select 1 as one', []);
    await driver.close();
    expect((await last).rows).toEqual([{ one: 1 }]);
    await expect(driver.query('select 2 as two', [])).rejects.toThrow('the database is closed');
    await rm(other, { recursive: true, force: true });
  });
});
