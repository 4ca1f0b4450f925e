/**
 * Vectors become bytes that processes search by themselves: 32-bit floats as PostgreSQL sends them, the highest byte
 * first. No server needs pgvector any more. Processes follow the table by `changed_by`, as they follow the tickets.
 */
export const memoryAtScale = {
  name: 'vectors as bytes, and indexes for walks in small steps',
  sql: `
    create function triage.float_bytes(numbers real[]) returns bytea language sql immutable as $bytes$
      select coalesce(string_agg(float4send(number), ''::bytea order by place), ''::bytea)
        from unnest(numbers) with ordinality as t (number, place)
    $bytes$;
    do $do$ begin
      if exists (
        select 1 from pg_attribute where attrelid = 'triage.vectors'::regclass and attname = 'embedding' and atttypid = to_regtype('vector')
      ) then
        -- Behind two 16-bit numbers: the length, and one that is not used.
        alter table triage.vectors alter column embedding type bytea using substring(vector_send(embedding) from 5);
      else
        alter table triage.vectors alter column embedding type bytea using triage.float_bytes(embedding);
      end if;
    end $do$;
    alter table triage.vectors alter column embedding set storage main;
    drop function triage.float_bytes(real[]);
    drop function triage.use_pgvector();
    alter table triage.vectors add column changed_by xid8 not null default pg_current_xact_id();
    create index vectors_changed on triage.vectors (space, changed_by, id);
    create index memory_newest on triage.memory (project, created_at, id) where not is_forgotten;
    -- For walks in small steps: months of rows in one statement hold an embedded database for seconds.
    create index outcomes_issue_id on triage.outcomes (issue_id);
    create index deliveries_settled on triage.deliveries (settled_at) where state <> 'accepted';
    create index writes_at on triage.writes (at) where state <> 'planned';
    create index turn_keys_at on triage.turn_keys (at);`,
};
