import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Ask, EVERYTHING } from '../../../src/adapters/jira/pace/books.ts';
import { postgresBooks } from '../../../src/adapters/postgres/pace.ts';
import { databases, openMigrated, type TestDatabase } from '../support/databases.ts';

const ask = (parts: Partial<Ask>): Ask => ({
  endpoint: 'PUT /issue/{}',
  perSecond: 1_000,
  issue: null,
  maxWaitMs: 60_000,
  isDue: false,
  ...parts,
});

describe.each(databases)('books in $name', ({ open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openMigrated(open);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test('forget what nobody touched for longer than any pause', async () => {
    const { sql } = database;
    let now = 0;
    const books = postgresBooks(sql, () => now);
    await books.book([ask({ issue: 'DESK-1' }), ask({ issue: 'DESK-2' })]);
    await sql.execute("update triage.pace set touched_at = now() - interval '3 hours' where name = 'issue DESK-1'");
    await books.book([ask({ issue: 'DESK-3' })]);
    const names = async () => {
      const rows = await sql.rows(z.object({ name: z.string() }), 'select name from triage.pace order by name');
      return rows.map(({ name }) => name);
    };
    expect(await names()).toContain('issue DESK-1');
    now += 600_000;
    await books.book([ask({ issue: 'DESK-3' })]);
    expect(await names()).toEqual(['PUT /issue/{}', 'issue DESK-2', 'issue DESK-3']);
  });

  test('are booked in by many at once, in any order, without standing in each other’s way', async () => {
    const books = Array.from({ length: 8 }, () => postgresBooks(database.sql));
    const endpoints = ['GET /a', 'PUT /b', 'POST /c'];
    const issues = ['DESK-7', 'DESK-8', 'DESK-9'];
    const rounds = Array.from({ length: 10 }, (_, round) =>
      books.flatMap((own, index) => {
        const at = (shift: number) => (index + round + shift) % 3;
        const asks = [0, 1, 2].map((shift) =>
          ask({ endpoint: endpoints[at(shift)] ?? '', issue: issues[at(2 * shift)] ?? null }),
        );
        const verdict = {
          kind: 'ease',
          what: index % 2 === 0 ? EVERYTHING : (endpoints[at(0)] ?? ''),
          share: 0.5,
        } as const;
        return [own.book(asks), own.heed(verdict)];
      }),
    );
    for (const round of rounds) expect((await Promise.all(round)).filter(Boolean)).toHaveLength(8);
  });
});
