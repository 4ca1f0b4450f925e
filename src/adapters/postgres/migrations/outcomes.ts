/** What people made of decisions, and what follows: outcomes, brakes, turns, audits, and writes that can be taken back. */
export const outcomes = {
  name: 'outcomes, brakes, turns, audits, undo',
  sql: `
    alter table triage.memory add column is_treated boolean not null default false;
    alter table triage.deliveries add column overrides_humans boolean not null default false;
    -- By delivery: a delivery attempt may be decided several times.
    create index decisions_delivery on triage.decisions (delivery_id);
    create index decisions_at on triage.decisions (decided_at, id);
    alter table triage.writes
      add column suggestions jsonb not null default '{}',
      add column passed_over jsonb not null default '[]',
      add column undoes text,
      add column undone_by text,
      drop constraint writes_state_check,
      add constraint writes_state_check
        check (state in ('planned', 'applied', 'unchanged', 'dry-run', 'refused', 'superseded'));
    create index writes_issue_id on triage.writes (issue_id);
    create index writes_standing on triage.writes (at) where state = 'applied' and undone_by is null;
    create table triage.outcomes (
      decision_id text not null,
      target text not null,
      issue_id text not null,
      issue_key text not null,
      project text not null,
      revision text not null,
      value text not null,
      confidence double precision not null,
      how text not null check (how in ('written', 'suggested', 'shadowed', 'control')),
      result text not null check (result in ('confirmed', 'overridden', 'unjudged')),
      is_explicit boolean not null,
      to_value text,
      judged_by text,
      after_ms double precision,
      settled_after_ms double precision,
      is_finished boolean not null,
      judged_at timestamptz not null,
      primary key (decision_id, target)
    );
    create index outcomes_issue on triage.outcomes (issue_key);
    create index outcomes_at on triage.outcomes (judged_at);
    create index outcomes_rates on triage.outcomes (judged_at) include (target, value, revision, result)
      where how = 'written' and result <> 'unjudged';
    -- An id may come again once its brake was released.
    create table triage.brakes (
      id text not null,
      target text not null,
      value text,
      kind text not null check (kind in ('override-rate', 'field-gone')),
      why text not null,
      pulled_at timestamptz not null,
      released_at timestamptz,
      released_by text
    );
    create unique index brakes_on on triage.brakes (target, coalesce(value, ''), (value is null)) where released_at is null;
    create unique index brakes_id on triage.brakes (id) where released_at is null;
    create table triage.turns (
      team text not null,
      person text not null,
      number bigint not null,
      at timestamptz not null,
      primary key (team, person)
    );
    create table triage.turn_keys (
      team text not null,
      key text not null,
      person text not null,
      at timestamptz not null,
      primary key (team, key)
    );
    create table triage.audits (
      -- Tells which came last where the clock does not.
      turn bigserial primary key,
      at timestamptz not null,
      actor text not null,
      action text not null,
      detail text not null
    );
    create index audits_at on triage.audits (at, turn);
    -- A function, because each of its statements sees what was committed before it: replicas that wait for the lock
    -- find the turns that the others took.
    create function triage.next_turn(in_team text, candidates text[], in_key text) returns text language plpgsql as $turn$
    declare
      chosen text;
    begin
      if in_key is not null then
        perform pg_advisory_xact_lock(hashtext('triage.turns'), hashtext(in_team));
        select k.person into chosen from triage.turn_keys k
         where k.team = in_team and k.key = in_key and k.person = any (candidates);
        if found then
          return chosen;
        end if;
      end if;
      select c.person into chosen
        from unnest(candidates) with ordinality as c (person, position)
        left join triage.turns t on t.team = in_team and t.person = c.person
       order by coalesce(t.number, 0), c.position limit 1;
      if in_key is not null and chosen is not null then
        insert into triage.turns as known (team, person, number, at)
          select in_team, chosen, coalesce(max(t.number), 0) + 1, clock_timestamp() from triage.turns t where t.team = in_team
          on conflict (team, person) do update set number = excluded.number, at = excluded.at;
        insert into triage.turn_keys as known (team, key, person, at) values (in_team, in_key, chosen, clock_timestamp())
          on conflict (team, key) do update set person = excluded.person, at = excluded.at;
      end if;
      return chosen;
    end
    $turn$;`,
};
