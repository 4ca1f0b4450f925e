import { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { Lines } from '../../src/adapters/postgres/lines.ts';
import { proxiedDatabase } from '../support/database.ts';

const serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
if (serverUrl === '') process.stdout.write('skipped without TEST_DATABASE_URL: statements that share connections\n');

const BACKEND = 'select pg_backend_pid() as pid, $1::int as number';

describe.skipIf(serverUrl === '')('statements that share connections', () => {
  test('get each its own answer, over one connection while they are quick', async () => {
    await using desk = await openDesk();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, number) => desk.ask(BACKEND, number)));
    expect(answers.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, number) => number));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  });

  test('leave in one call of the system when they are asked in one turn', async () => {
    await using desk = await openDesk();
    await desk.ask(BACKEND, 0);
    using calls = vi.spyOn(Socket.prototype, '_writev');
    const asked = Promise.all([1, 2, 3].map((number) => desk.ask(BACKEND, number)));
    await new Promise((resume) => setImmediate(() => setImmediate(resume)));
    expect(calls).toHaveBeenCalledTimes(1);
    expect((await asked).map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  test('fail alone: those before and behind are answered', async () => {
    await using desk = await openDesk();
    const statements = [1, 0, 2].map((number) => desk.ask('select 6 / $1::int as number', number));
    const [first, failed, last] = await Promise.allSettled(statements);
    expect([first, last]).toMatchObject([{ value: { number: 6 } }, { value: { number: 3 } }]);
    expect(failed).toMatchObject({ reason: { message: 'division by zero' } });
  });

  test('are not written with those of another: each is a transaction of its own', async () => {
    await using desk = await openDesk();
    await desk.lines.query('create table kept (number int primary key)', []);
    const insert = 'insert into kept values ($1)';
    await Promise.allSettled([1, 1, 2].map((number) => desk.lines.query(insert, [number])));
    expect((await desk.lines.query('select number from kept order by number', [])).rows).toEqual([
      { number: 1 },
      { number: 2 },
    ]);
  });

  test('do not queue behind a slow one', async () => {
    await using desk = await openDesk();
    const slow = desk.ask('select $1::int as number, pg_sleep(1)', 1);
    await new Promise((resume) => setTimeout(resume, 100));
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 20 }, (_, number) => desk.ask(BACKEND, number)));
    expect(performance.now() - startedAt).toBeLessThan(500);
    await slow;
  });

  test('go on over a new connection after the old one was cut; those under way fail', async () => {
    await using desk = await openDesk();
    await desk.ask(BACKEND, 1);
    const underWay = desk.ask('select $1::int as number, pg_sleep(5)', 1);
    const failed = expect(underWay).rejects.toThrow();
    await new Promise((resume) => setTimeout(resume, 50));
    desk.proxy.cut();
    await failed;
    await expect(desk.ask(BACKEND, 2)).rejects.toThrow();
    desk.proxy.resume();
    expect(await desk.ask(BACKEND, 3)).toMatchObject({ number: 3 });
    expect(desk.errors.length).toBeGreaterThan(0);
  });

  test('are refused once all is closed, so that nothing holds the process', async () => {
    await using desk = await openDesk();
    await desk.ask(BACKEND, 1);
    await desk.lines.close();
    await expect(desk.ask(BACKEND, 2)).rejects.toThrow('the connections are closed');
  });

  test('are prepared anew after a migration changed what they return', async () => {
    await using desk = await openDesk();
    await desk.lines.query('create table grown (number int)', []);
    await desk.lines.query('insert into grown values (1)', []);
    const all = 'select * from grown';
    expect((await desk.lines.query(all, [])).rows).toEqual([{ number: 1 }]);
    await desk.lines.query('alter table grown add column word text', []);
    await expect(desk.lines.query(all, [])).rejects.toThrow('cached plan must not change');
    expect((await desk.lines.query(all, [])).rows).toEqual([{ number: 1, word: null }]);
  });
});

async function openDesk() {
  const database = await proxiedDatabase(serverUrl);
  const errors: Error[] = [];
  const lines = new Lines({ connectionString: database.url }, { count: 2, onError: (error) => errors.push(error) });
  return {
    lines,
    proxy: database.proxy,
    errors,
    ask: async (text: string, number: number) => (await lines.query(text, [number])).rows[0] as Record<string, unknown>,
    [Symbol.asyncDispose]: async () => {
      await lines.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
