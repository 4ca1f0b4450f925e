import { z } from 'zod';
import { MisconfiguredError } from '../../domain/errors.ts';
import { answers } from './migrations/answers.ts';
import { deadLetters } from './migrations/dead-letters.ts';
import { embeddingSpaces } from './migrations/embedding-spaces.ts';
import { memoryAtScale } from './migrations/memory-at-scale.ts';
import { outcomes } from './migrations/outcomes.ts';
import { pace } from './migrations/pace.ts';
import { sweep } from './migrations/sweep.ts';
import type { Sql } from './sql.ts';

/** Forward only: never edit an entry that has been released, add one. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'ledger and memory',
    sql: `
      -- A server may lack pgvector; then memory works on keywords alone and says so when vectors are asked for.
      do $do$ begin
        create extension if not exists vector with schema public;
      exception when feature_not_supported or undefined_file or insufficient_privilege then null;
      end $do$;
      create table triage.deliveries (
        id text primary key,
        site text not null,
        identifier text,
        door text not null,
        event text not null,
        issue_id text,
        issue_key text,
        intent text,
        is_forced boolean not null,
        state text not null check (state in ('accepted', 'triaged', 'learned', 'forgotten', 'ignored', 'failed')),
        reason text,
        attempt integer not null default 1,
        received_at timestamptz not null default now(),
        settled_at timestamptz
      );
      create unique index deliveries_identifier on triage.deliveries (site, identifier) where identifier is not null;
      create index deliveries_issue on triage.deliveries (issue_key);
      create index deliveries_open on triage.deliveries (received_at) where state = 'accepted';
      create table triage.decisions (
        id text primary key,
        delivery_id text not null,
        issue_id text not null,
        issue_key text not null,
        revision text not null,
        input_hash text not null,
        decided_at timestamptz not null,
        decision jsonb not null
      );
      create index decisions_issue on triage.decisions (issue_key);
      create index decisions_input on triage.decisions (issue_id, revision, input_hash);
      create table triage.writes (
        decision_id text primary key,
        issue_id text not null,
        issue_key text not null,
        state text not null check (state in ('planned', 'applied', 'unchanged', 'dry-run', 'refused')),
        reason text,
        changes jsonb not null,
        held_back jsonb not null,
        at timestamptz not null default now()
      );
      create index writes_issue on triage.writes (issue_key);
      create unique index writes_one_in_flight on triage.writes (issue_id) where state = 'planned';
      create table triage.memory (
        id text primary key,
        key text not null,
        project text not null,
        summary text not null,
        body text not null,
        created_at timestamptz not null,
        security_level text,
        "values" jsonb not null,
        sparse bytea not null,
        embedding_model text,
        embedding real[],
        is_forgotten boolean not null default false,
        changed_by xid8 not null default pg_current_xact_id()
      );
      create index memory_changed on triage.memory (changed_by);
      create table triage.cursors (name text primary key, value text not null);`,
  },
  {
    name: 'local classifier',
    sql: `
      alter table triage.memory add column resolution text;
      alter table triage.memory add column context jsonb not null default '{}';
      create index memory_created on triage.memory (created_at, id) where not is_forgotten;
      create table triage.models (
        version text primary key,
        stored_at timestamptz not null default clock_timestamp(),
        is_whole boolean not null default false,
        -- Tells which came last where the clock does not.
        turn bigserial not null
      );
      create table triage.model_parts (
        version text not null,
        part integer not null,
        bytes bytea not null,
        primary key (version, part)
      );`,
  },
  {
    name: 'bursts',
    sql: `
      create table triage.bursts (
        id text primary key,
        project text not null,
        opened_at timestamptz not null,
        last_at timestamptz not null
      );
      create index bursts_opened on triage.bursts (opened_at);
      create table triage.arrivals (
        issue_id text primary key,
        issue_key text not null,
        project text not null,
        at timestamptz not null,
        sketch bytea not null,
        burst_id text,
        changed_by xid8 not null default pg_current_xact_id()
      );
      create index arrivals_changed on triage.arrivals (changed_by);
      create index arrivals_at on triage.arrivals (project, at);
      create index arrivals_burst on triage.arrivals (burst_id) where burst_id is not null;
      -- A function, because each of its statements sees what was committed before it: replicas that wait for the lock
      -- find the burst that the first of them opened.
      create function triage.join_burst(new_id text, in_project text, issues text[])
      returns table (id text, members integer, is_new boolean) language plpgsql as $join$
      declare
        first_at timestamptz;
        newest_at timestamptz;
      begin
        perform pg_advisory_xact_lock(hashtext('triage.bursts'), hashtext(in_project));
        select b.id into id from triage.bursts b
         where b.project = in_project
           and b.id in (select a.burst_id from triage.arrivals a where a.issue_id = any (issues))
         order by b.opened_at, b.id limit 1;
        is_new := id is null;
        id := coalesce(id, new_id);
        update triage.arrivals a set burst_id = join_burst.id, changed_by = pg_current_xact_id()
         where a.issue_id = any (issues) and a.project = in_project and a.burst_id is null;
        select count(*)::integer, min(a.at), max(a.at) into members, first_at, newest_at
          from triage.arrivals a where a.burst_id = join_burst.id;
        if is_new then
          insert into triage.bursts values (join_burst.id, in_project, first_at, newest_at);
        else
          update triage.bursts b set opened_at = first_at, last_at = newest_at where b.id = join_burst.id;
        end if;
        return next;
      end
      $join$;`,
  },
  embeddingSpaces,
  answers,
  outcomes,
  deadLetters,
  pace,
  memoryAtScale,
  sweep,
];

const LOCK_KEY = 0x4a545247;

/** Brings the schema up to date, once, however many replicas start. Throws `MisconfiguredError` when it is newer than this build. */
export async function migrate(sql: Sql): Promise<void> {
  await sql.script(`
    select pg_advisory_xact_lock(${LOCK_KEY});
    create schema if not exists triage;
    create table if not exists triage.migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())`);
  const [state] = await sql.rows(
    z.object({ version: z.number() }),
    'select coalesce(max(version), 0)::int as version from triage.migrations',
  );
  const version = state?.version ?? 0;
  if (version > MIGRATIONS.length) {
    throw new MisconfiguredError([
      `The database has schema ${version}, this build knows ${MIGRATIONS.length}. Start the newer build; there is no way back.`,
    ]);
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index >= version) await apply(sql, index + 1, migration);
  }
}

/** The version row comes first: a replica that lost the race fails on its key and nothing of the migration runs twice. */
async function apply(
  sql: Sql,
  version: number,
  migration: { readonly name: string; readonly sql: string },
): Promise<void> {
  try {
    await sql.script(`
      select pg_advisory_xact_lock(${LOCK_KEY});
      insert into triage.migrations (version, name) values (${version}, '${migration.name}');
      ${migration.sql}`);
  } catch (cause) {
    const applied = await sql.rows(
      z.object({ version: z.number() }),
      'select version from triage.migrations where version = $1',
      [version],
    );
    if (applied.length === 0) throw cause;
  }
}
