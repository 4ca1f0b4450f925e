import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { embeddingSpaces } from '../../src/adapters/postgres/migrations/embedding-spaces.ts';
import { databases, type TestDatabase } from './support/databases.ts';

/** What the migration finds: tickets with their vectors in their rows. */
const BEFORE = `
  do $do$ begin
    create extension if not exists vector with schema public;
  exception when feature_not_supported or undefined_file or insufficient_privilege then null;
  end $do$;
  create schema triage;
  create table triage.memory (
    id text primary key, key text not null, project text not null, summary text not null, body text not null,
    created_at timestamptz not null, security_level text, "values" jsonb not null, sparse bytea not null,
    embedding_model text, embedding real[], is_forgotten boolean not null default false,
    changed_by xid8 not null default pg_current_xact_id(), resolution text, context jsonb not null default '{}'
  );
  create index memory_changed on triage.memory (changed_by);
  insert into triage.memory (id, key, project, summary, body, created_at, "values", sparse, embedding_model, embedding, is_forgotten) values
    ('1', 'IT-1', 'IT', 'printer', 'jam', now(), '{"c":{"value":"a","by":"human"}}', '', 'small', '{1,0}', false),
    ('2', 'IT-2', 'IT', 'toner', '无法', now(), '{"c":{"value":"a","by":"human","insteadOf":"b"}}', '', 'small', '{0,1}', false),
    ('3', 'IT-3', 'IT', 'screen', '', now(), '{}', '', 'large', '{0,0,1}', false),
    ('4', 'IT-4', 'IT', 'mouse', '', now(), '{}', '', null, null, false),
    ('5', 'IT-5', 'IT', '', '', now(), '{}', '', 'small', '{1,1}', true)`;

const Row = z.record(z.string(), z.unknown());

describe.each(databases)('vectors that were kept with their tickets, in $name', ({ open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
    await database.sql.script(`${BEFORE}; ${embeddingSpaces.sql}`);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test('move into a live space of the model that most of them have', async () => {
    const spaces = await database.sql.rows(Row, 'select name, model, dimensions, state from triage.spaces');
    expect(spaces).toEqual([{ name: 'small@2', model: 'small', dimensions: 2, state: 'live' }]);
    const vectors = await database.sql.rows(
      Row,
      `select v.id, v.space, v.embedding::real[]::text as embedding from triage.vectors v
         join triage.memory m on m.id = v.id and m.version = v.version order by id`,
    );
    expect(vectors).toEqual([
      { id: '1', space: 'small@2', embedding: '{1,0}' },
      { id: '2', space: 'small@2', embedding: '{0,1}' },
    ]);
  });

  test('leave nothing behind, and tickets learn which of them are corrections', async () => {
    const columns = await database.sql.rows(
      z.object({ column_name: z.string() }),
      `select column_name from information_schema.columns where table_schema = 'triage' and table_name = 'memory'`,
    );
    expect(columns.map(({ column_name }) => column_name).filter((name) => name.startsWith('embedding'))).toEqual([]);
    const tickets = await database.sql.rows(Row, 'select id, people, is_correction from triage.memory order by id');
    expect(tickets.map(({ people }) => people)).toEqual([[], [], [], [], []]);
    expect(tickets.map(({ is_correction }) => is_correction)).toEqual([false, true, false, false, false]);
  });
});
