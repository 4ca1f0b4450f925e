/**
 * The books of Jira's limits: one row for everything, one for each endpoint, one for each issue that was written to
 * lately. Unlogged: after a crash of the server they begin anew, and Jira says so where that was too early. The figures
 * are those of `adapters/jira/pace/speed.ts`.
 */
export const pace = {
  name: 'one limiter for all replicas',
  sql: `
    create unlogged table triage.pace (
      name text primary key,
      due double precision not null default 0,
      paused_until double precision not null default 0,
      since double precision not null default 0,
      knee double precision not null default 1,
      writes double precision[] not null default '{}',
      touched_at timestamptz not null default now()
    ) with (fillfactor = 50);
    create function triage.pace_now() returns double precision language sql volatile as $$
      select extract(epoch from clock_timestamp())::double precision * 1000
    $$;
    create function triage.pace_speed(since double precision, knee double precision, at double precision)
    returns double precision language sql immutable as $$
      select case
        when at <= since then 0.1
        when 0.1 * power(2.0::double precision, least((at - since) / 2000, 10)) <= knee
          then 0.1 * power(2.0::double precision, (at - since) / 2000)
        else least(1, knee + 0.00005 * (at - since - 2000 * ln(knee / 0.1) / ln(2.0::double precision)))
      end
    $$;
    -- A function, because each of its statements sees what was committed before it: replicas that wait for a row find
    -- what the first of them booked. Rows are locked in the order of their names. A clock that went back (another server
    -- took over) makes nothing wait longer than what was still to come.
    create function triage.pace_book(
      endpoints text[], rates double precision[], issues text[], longest double precision[], is_due boolean[]
    ) returns table (wait_ms double precision, scope text) language plpgsql as $book$
    declare
      now_ms double precision;
      horizon double precision;
      site double precision;
      site_since double precision;
      site_knee double precision;
      meter triage.pace;
      issue triage.pace;
      paused double precision;
      for_site double precision;
      for_issue double precision;
      turn double precision;
      written integer;
    begin
      insert into triage.pace (name)
        select distinct n from unnest(endpoints || issues) n where n is not null order by n on conflict do nothing;
      perform 1 from triage.pace p where p.name = any (endpoints || issues) order by p.name for update;
      now_ms := triage.pace_now();
      horizon := now_ms + 60000;
      select least(p.paused_until, now_ms + 3600000), p.since, p.knee into site, site_since, site_knee
        from triage.pace p where p.name = 'everything';
      site := coalesce(site, 0);
      site_since := least(coalesce(site_since, 0), greatest(now_ms, site));
      for i in 1 .. coalesce(array_length(endpoints, 1), 0) loop
        select * into meter from triage.pace p where p.name = endpoints[i];
        issue := null;
        if issues[i] is not null then
          select * into issue from triage.pace p where p.name = issues[i];
          issue.paused_until := least(issue.paused_until, now_ms + 3600000);
          issue.writes := array(select w from unnest(issue.writes) w where w <= horizon order by w);
        end if;
        meter.paused_until := least(meter.paused_until, now_ms + 3600000);
        meter.since := least(meter.since, greatest(now_ms, meter.paused_until));
        meter.due := least(meter.due, horizon + 200 + 10000 / rates[i]);
        paused := greatest(site, meter.paused_until);
        scope := 'endpoint';
        if is_due[i] and greatest(paused, coalesce(issue.paused_until, 0)) <= now_ms then
          wait_ms := 0;
          return next;
          continue;
        end if;
        for_site := greatest(now_ms, paused, meter.due - 200);
        for_issue := 0;
        if issues[i] is not null then
          written := coalesce(array_length(issue.writes, 1), 0);
          for_issue := greatest(now_ms, issue.paused_until, issue.writes[written],
            issue.writes[written - 17] + 2000, issue.writes[written - 89] + 30000);
        end if;
        turn := greatest(for_site, for_issue);
        wait_ms := turn - now_ms;
        if site >= turn and site > now_ms then scope := 'site';
        elsif for_issue > for_site then scope := 'issue';
        end if;
        if wait_ms <= longest[i] then
          update triage.pace p set touched_at = now(),
              due = greatest(meter.due, for_site, paused + 200) + 1000 / (rates[i] * least(
                triage.pace_speed(site_since, coalesce(site_knee, 1), for_site),
                triage.pace_speed(meter.since, meter.knee, for_site)))
           where p.name = meter.name;
          if issues[i] is not null then
            update triage.pace p set touched_at = now(), writes = (issue.writes || turn)[greatest(1, written - 88):]
             where p.name = issue.name;
          end if;
        end if;
        return next;
      end loop;
    end
    $book$;
    -- What an answer says of the requests to come: a pause, or the share of the full speed that is bearable.
    create function triage.pace_heed(what text, pause_ms double precision, share double precision)
    returns void language plpgsql as $heed$
    declare
      now_ms double precision;
      meter triage.pace;
    begin
      insert into triage.pace (name) values (what) on conflict do nothing;
      select * into meter from triage.pace p where p.name = what for update;
      now_ms := triage.pace_now();
      meter.paused_until := least(meter.paused_until, now_ms + 3600000);
      meter.since := least(meter.since, greatest(now_ms, meter.paused_until));
      if share is not null then
        meter.since := greatest(meter.since,
          now_ms - 2000 * ln(least(1, greatest(0.1, share)) / 0.1) / ln(2.0::double precision));
      else
        if meter.paused_until <= now_ms then
          meter.knee := greatest(0.1, triage.pace_speed(meter.since, meter.knee, now_ms) / 2);
        end if;
        meter.paused_until := greatest(meter.paused_until, now_ms + pause_ms);
        meter.since := meter.paused_until;
      end if;
      update triage.pace p set touched_at = now(), since = meter.since, knee = meter.knee,
          paused_until = meter.paused_until
       where p.name = what;
    end
    $heed$;`,
};
