import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { VectorBytes } from '../../src/adapters/postgres/memory/vector-bytes.ts';
import { memoryAtScale } from '../../src/adapters/postgres/migrations/memory-at-scale.ts';
import { databases, type TestDatabase } from './support/databases.ts';

/** What of the tables the migration touches, with vectors of the type that the server has. */
const BEFORE = `
  do $do$ begin
    create extension if not exists vector with schema public;
  exception when feature_not_supported or undefined_file or insufficient_privilege then null;
  end $do$;
  create schema triage;
  create table triage.memory (id text primary key, project text, created_at timestamptz, is_forgotten boolean);
  create table triage.outcomes (issue_id text);
  create table triage.deliveries (state text, settled_at timestamptz);
  create table triage.writes (state text, at timestamptz);
  create table triage.turn_keys (at timestamptz);
  create table triage.vectors (
    space text not null, id text not null, version text not null, embedding real[] not null, primary key (space, id));
  insert into triage.vectors values
    ('a@3', '1', 'v', '{0.1,-2.5,3e-20}'), ('a@3', '2', 'v', '{0,0,0}'), ('b@1', '1', 'v', '{1e30}');
  create function triage.use_pgvector() returns void language sql as '';`;

const AS_VECTORS = 'alter table triage.vectors alter column embedding type vector using embedding::vector;';
const Row = z.object({ id: z.string(), space: z.string(), embedding: VectorBytes });

describe.each(databases)('vectors become bytes in $name', ({ open }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test.for(['real[]', 'vector'])('that were %s, and stay what they are', async (type, { skip }) => {
    await database.sql.script(`drop schema if exists triage cascade; ${BEFORE}`);
    const types = await database.sql.rows(z.object({}), "select from pg_type where typname = 'vector'");
    skip(type === 'vector' && types.length === 0, 'this server has no pgvector');
    await database.sql.script(`${type === 'vector' ? AS_VECTORS : ''} ${memoryAtScale.sql}`);
    const select = "select space, id, encode(embedding, 'base64') as embedding from triage.vectors order by space, id";
    const rows = await database.sql.rows(Row, select);
    expect(rows.map(({ space, id, embedding }) => [space, id, Array.from(embedding)])).toEqual([
      ['a@3', '1', [0.1, -2.5, 3e-20].map(Math.fround)],
      ['a@3', '2', [0, 0, 0]],
      ['b@1', '1', [Math.fround(1e30)]],
    ]);
    const changed = await database.sql.rows(
      z.object({ known: z.boolean() }),
      'select bool_and(changed_by < pg_current_xact_id()) as known from triage.vectors',
    );
    expect(changed).toEqual([{ known: true }]);
  });
});
