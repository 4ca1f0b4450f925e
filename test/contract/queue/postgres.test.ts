import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openServer } from '../../../src/adapters/postgres/server.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import { postgresQueues } from '../../../src/queue/postgres.ts';
import { ownDatabase, proxiedDatabase } from '../../support/database.ts';
import { workerContext } from '../support/worker-context.ts';
import { type Triage, triageJob, triageWorker } from './yards.ts';

const serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
if (serverUrl === '') process.stdout.write('skipped without TEST_DATABASE_URL: queues on a PostgreSQL server\n');

describe.skipIf(serverUrl === '')('queues on a PostgreSQL server', () => {
  test('are made once by ten replicas that start together', async () => {
    await using database = await ownDatabase(serverUrl);
    const servers = Array.from({ length: 10 }, () => openServer(database.url, () => {}, { rows: 1, jobs: 2 }));
    await Promise.all(servers.map(({ queuePool }) => postgresQueues(queuePool).prepare()));
    const [first] = servers;
    if (!first) throw new Error('no server');
    const versions = await new Sql(first.driver).rows(
      z.object({ version: z.number() }),
      'select version from bullmq.migration order by version',
    );
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions.map(({ version }) => version)).size).toBe(versions.length);
    await Promise.all(servers.map(({ driver }) => driver.close()));
  });

  test.each([
    ['those that listen for jobs', "and application_name = 'triage'"],
    ['all of them', ''],
  ])('wake within a second after their connections were ended by the server: %s', async (_which, condition) => {
    await using desk = await openDesk();
    await using worker = triageWorker(desk.context);
    await desk.publish(triageJob());
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(1);
    const ended = await desk.administer(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${desk.database}' and pid <> pg_backend_pid() ${condition}`,
    );
    expect(ended).toBeGreaterThan(0);
    const delays: number[] = [];
    for (let round = 2; round <= 21; round += 1) {
      const startedAt = performance.now();
      const job = triageJob();
      await expect.poll(() => desk.publish(job).then(() => 'taken', String), { timeout: 5_000 }).toBe('taken');
      await expect.poll(() => worker.runs.length, { timeout: 10_000, interval: 5 }).toBe(round);
      delays.push(performance.now() - startedAt);
    }
    const p95 = delays.toSorted((left, right) => left - right)[18];
    expect(p95).toBeLessThan(1_000);
  });

  test('have limits of the server on every connection, but not on what builds tables', async () => {
    await using database = await ownDatabase(serverUrl);
    const { driver } = openServer(database.url, () => {});
    const sql = new Sql(driver);
    const limits = () =>
      sql.rows(
        z.object({ name: z.string(), setting: z.string() }),
        "select name, setting from pg_settings where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'application_name') order by name",
      );
    const usual = [
      { name: 'application_name', setting: 'jira-triage' },
      { name: 'idle_in_transaction_session_timeout', setting: '30000' },
      { name: 'statement_timeout', setting: '18000' },
    ];
    expect(await limits()).toEqual(usual);
    await sql.script("create table seen as select current_setting('statement_timeout') as timeout");
    expect(await sql.rows(z.object({ timeout: z.string() }), 'select timeout from seen')).toEqual([{ timeout: '0' }]);
    expect(await limits()).toEqual(usual);
    await driver.close();
  });

  test.each([
    ['was cut off', 'cut'],
    ['no longer answers', 'hold'],
  ] as const)('close within seconds when the server %s', async (_how, away) => {
    await using desk = await openDesk();
    const worker = triageWorker(desk.context);
    await desk.publish(triageJob());
    await expect.poll(() => worker.runs.length, { timeout: 5_000 }).toBe(1);
    desk.proxy[away]();
    const startedAt = performance.now();
    await worker[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(6_000);
    await desk.close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

/** Queues in a database of their own, behind a line that can be cut. */
async function openDesk() {
  const database = await proxiedDatabase(serverUrl);
  const { driver, queuePool } = openServer(database.url, () => {});
  const backend = postgresQueues(queuePool);
  await backend.prepare();
  const context = workerContext(backend);
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await context[Symbol.asyncDispose]();
    await driver.close();
  };
  return {
    context,
    proxy: database.proxy,
    database: database.name,
    publish: (...payloads: Triage[]) => context.publisher.publish('triage', payloads),
    /** How many rows a statement of another connection gives. */
    administer: async (statement: string) => {
      const other = openServer(serverUrl, () => {}, { rows: 1, jobs: 1 });
      const { rows } = await other.driver.query(statement, []);
      await other.driver.close();
      return rows.length;
    },
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
      await database[Symbol.asyncDispose]();
    },
  };
}
