/**
 * Vectors leave the tickets' rows for spaces of their own, one per model and length. Tickets learn the names of their
 * people, and which of them correct us.
 */
export const embeddingSpaces = {
  name: 'embedding spaces, people, corrections',
  sql: `
    alter table triage.memory
      add column people jsonb not null default '[]',
      add column version text not null default '',
      add column is_correction boolean not null generated always as (jsonb_path_exists("values", '$.*.insteadOf')) stored;
    create index memory_corrections on triage.memory (created_at, id) where is_correction and not is_forgotten;
    drop index triage.memory_changed;
    create index memory_changed on triage.memory (changed_by, id);
    create function triage.version_of(summary text, body text) returns text language sql as
      $version$ select encode(sha256(convert_to(summary || E'\\n' || body, 'UTF8')), 'base64') $version$;
    update triage.memory set version = triage.version_of(summary, body) where not is_forgotten;

    create table triage.spaces (
      name text primary key,
      model text not null,
      dimensions integer not null,
      state text not null check (state in ('building', 'live', 'old')),
      -- Tickets that were last changed by earlier transactions have their vectors.
      whole_before xid8 not null default '0',
      created_at timestamptz not null default now(),
      completed_at timestamptz
    );
    create unique index spaces_one_of_each on triage.spaces (state) where state <> 'old';
    create table triage.vectors (
      space text not null,
      id text not null,
      -- Of the words it was made from; with others it counts as missing.
      version text not null,
      embedding real[] not null,
      primary key (space, id)
    );
    create index vectors_id on triage.vectors (id);
    -- A server may get pgvector later. In the row while it fits, and of the type that is compared: comparing all of them
    -- takes a third of the time.
    create function triage.use_pgvector() returns void language plpgsql as $use$
    begin
      if to_regtype('vector') is not null and exists (
        select 1 from pg_attribute where attrelid = 'triage.vectors'::regclass and attname = 'embedding' and atttypid <> to_regtype('vector')
      ) then
        alter table triage.vectors alter column embedding type vector using embedding::vector;
        alter table triage.vectors alter column embedding set storage main;
      end if;
    end
    $use$;
    select triage.use_pgvector();
    insert into triage.spaces (name, model, dimensions, state, completed_at)
      select embedding_model || '@' || cardinality(embedding), embedding_model, cardinality(embedding), 'live', now()
        from triage.memory where embedding_model is not null and cardinality(embedding) > 0 and not is_forgotten
       group by 1, 2, 3 order by count(*) desc, 1 limit 1;
    insert into triage.vectors (space, id, version, embedding)
      select s.name, m.id, m.version, m.embedding from triage.memory m
        join triage.spaces s on s.model = m.embedding_model and s.dimensions = cardinality(m.embedding)
       where not m.is_forgotten;
    alter table triage.memory drop column embedding_model, drop column embedding;

    -- Functions, because each of their statements sees what was committed before it.
    create function triage.forget(issues text[]) returns void language plpgsql as $forget$
    begin
      perform 1 from triage.memory m where m.id = any (issues) order by m.id for update;
      update triage.memory m set is_forgotten = true, summary = '', body = '', context = '{}', people = '[]', "values" = '{}',
             sparse = '', version = '', changed_by = pg_current_xact_id() where m.id = any (issues);
      delete from triage.vectors v where v.id = any (issues);
    end
    $forget$;
    create function triage.open_space(in_name text, in_model text, in_dimensions integer) returns void language plpgsql as $open$
    begin
      perform pg_advisory_xact_lock(hashtext('triage.spaces'), 0);
      update triage.spaces set state = 'old' where state = 'building' and name <> in_name;
      insert into triage.spaces as known (name, model, dimensions, state) values (in_name, in_model, in_dimensions, 'building')
        on conflict (name) do update set state = 'building', whole_before = '0' where known.state = 'old';
    end
    $open$;
    create function triage.complete_space(in_name text) returns boolean language plpgsql as $complete$
    declare
      since xid8;
    begin
      perform pg_advisory_xact_lock(hashtext('triage.spaces'), 0);
      select whole_before into since from triage.spaces where name = in_name;
      if exists (
        select 1 from triage.memory m
          left join lateral (select id from triage.vectors where id = m.id and space = in_name and version = m.version limit 1) v on true
         where m.changed_by >= since and not m.is_forgotten and v.id is null
      ) then
        return false;
      end if;
      if exists (select 1 from triage.spaces where name = in_name and state = 'building') then
        update triage.spaces set state = 'old' where state = 'live';
        update triage.spaces set state = 'live', completed_at = now() where name = in_name;
      end if;
      return exists (select 1 from triage.spaces where name = in_name and state = 'live');
    end
    $complete$;`,
};
