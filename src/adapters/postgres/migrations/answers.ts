/** What models were asked and answered, and what was spent on them. */
export const answers = {
  name: 'answers of models and what they cost',
  sql: `
    create table triage.answers (
      key text primary key,
      endpoint text not null,
      question jsonb not null,
      reply jsonb not null,
      at timestamptz not null
    );
    create index answers_at on triage.answers (at);
    -- Project '' is the sum of all.
    create table triage.spending (
      day date not null,
      project text not null,
      tokens double precision not null,
      money double precision not null,
      primary key (day, project)
    );
    -- A function, because each of its statements sees what was committed before it: replicas that wait for the rows
    -- find what the first of them took.
    create function triage.reserve(
      on_day date, in_project text, more_tokens double precision, more_money double precision,
      day_tokens double precision, day_money double precision, own_tokens double precision, own_money double precision
    ) returns boolean language plpgsql as $reserve$
    begin
      insert into triage.spending values (on_day, '', 0, 0), (on_day, in_project, 0, 0) on conflict do nothing;
      perform 1 from triage.spending where day = on_day and project in ('', in_project) order by project for update;
      if exists (
        select 1 from triage.spending where day = on_day and (
          (project = '' and (tokens + more_tokens > day_tokens or money + more_money > day_money))
          or (project = in_project and (tokens + more_tokens > own_tokens or money + more_money > own_money)))
      ) then
        return false;
      end if;
      update triage.spending set tokens = tokens + more_tokens, money = money + more_money
       where day = on_day and project in ('', in_project);
      return true;
    end
    $reserve$;
    -- The reply that is known, or a place in the budgets for asking.
    create function triage.claim(
      in_key text, on_day date, in_project text, more_tokens double precision, more_money double precision,
      day_tokens double precision, day_money double precision, own_tokens double precision, own_money double precision
    ) returns table (known jsonb, reserved boolean) language plpgsql as $claim$
    begin
      select a.reply into known from triage.answers a where a.key = in_key;
      reserved := known is null and triage.reserve(
        on_day, in_project, more_tokens, more_money, day_tokens, day_money, own_tokens, own_money);
      return next;
    end
    $claim$;`,
};
