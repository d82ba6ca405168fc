-- The few steps that must raise an error inside a pipeline, so that its COMMIT becomes a ROLLBACK, and the steps that
-- need the owner's rights. All but the last two run with the service's own rights.

-- Moves positions from what the handler saw to what it leaves. PM002: somebody else moved one meanwhile.
create function advance_streams(
    p_consumer text, p_producers text[], p_topics text[], p_keys uuid[], p_expected bigint[], p_next bigint[],
    p_parked boolean[]
) returns void language plpgsql as $$
declare
    v_first bigint := 0;
    v_later bigint := 0;
begin
    if 1 = any (p_expected) then
        insert into stream_position as p (consumer, producer, topic, key, next_seq, is_parked)
        select p_consumer, t.producer, t.topic, t.key, t.next, t.parked
        from unnest(p_producers, p_topics, p_keys, p_expected, p_next, p_parked)
            as t(producer, topic, key, expected, next, parked)
        where t.expected = 1
        on conflict (key, topic, producer, consumer) do update
        set next_seq = excluded.next_seq, is_parked = excluded.is_parked where p.next_seq = 1;
        get diagnostics v_first = row_count;
    end if;
    if v_first < cardinality(p_keys) then
        -- Each row by its whole key and then by its place: a plain join may be planned while the table is small and
        -- then scan it for ever.
        update stream_position p set next_seq = t.next, is_parked = t.parked
        from (
            select s.place, m.next, m.parked
            from unnest(p_producers, p_topics, p_keys, p_expected, p_next, p_parked)
                as m(producer, topic, key, expected, next, parked)
            cross join lateral (
                select l.ctid as place from stream_position l
                where l.consumer = p_consumer and l.producer = m.producer and l.topic = m.topic and l.key = m.key
                    and l.next_seq = m.expected and m.expected <> 1
                offset 0
            ) s
        ) t
        where p.ctid = t.place;
        get diagnostics v_later = row_count;
    end if;
    if v_first + v_later <> cardinality(p_keys) then
        raise exception using errcode = 'PM002', message = 'a stream position moved meanwhile';
    end if;
end $$;

-- What a fence holds shared until its commit and a taker must get alone. Not a row: the many fences of a member would
-- write the rows of its leases over and over.
create function member_lock(p_member uuid) returns bigint language sql immutable as $$
    select hashtextextended(p_member::text, 0)
$$;

-- Proves that the member still holds the lanes and keeps takers away until commit. PM001: it does not.
create function fence_lanes(p_consumer text, p_member uuid, p_topics text[], p_lanes smallint[], p_epochs bigint[])
returns void language plpgsql as $$
declare
    v_held bigint;
begin
    perform pg_advisory_xact_lock_shared(member_lock(p_member));
    -- A statement of its own, whose snapshot is younger than the lock.
    select count(*) into v_held
    from unnest(p_topics, p_lanes, p_epochs) as t(topic, lane, epoch)
    cross join lateral (
        select 1 from lane_lease l
        where l.consumer = p_consumer and l.topic = t.topic and l.lane = t.lane and l.owner = p_member
            and l.epoch = t.epoch
        offset 0
    ) l;
    if v_held <> cardinality(p_lanes) then
        raise exception using errcode = 'PM001', message = 'a lane is no longer held';
    end if;
end $$;

-- One heartbeat of a member on one topic: renews, takes its fair share of what is free or expired, and says what it
-- holds. `share` is what it may hold; the member gives back the rest once nothing of it is in hand.
create function lane_heartbeat(
    p_consumer text, p_topic text, p_lane_count integer, p_member uuid, p_expiry interval
) returns table (lane smallint, epoch bigint, share integer) language plpgsql as $$
declare
    v_now timestamptz := clock_timestamp();
    v_members bigint;
    v_rank bigint;
    v_share integer;
    v_held integer;
begin
    insert into lane_member as m (consumer, topic, member, expires_at)
    values (p_consumer, p_topic, p_member, v_now + p_expiry)
    on conflict (consumer, topic, member) do update set expires_at = excluded.expires_at;
    delete from lane_member m where m.consumer = p_consumer and m.topic = p_topic and m.member in (
        select d.member from lane_member d
        where d.consumer = p_consumer and d.topic = p_topic and d.expires_at < v_now
        for update skip locked);
    select count(*), count(*) filter (where m.member < p_member) into v_members, v_rank
    from lane_member m where m.consumer = p_consumer and m.topic = p_topic and m.expires_at >= v_now;
    v_share := p_lane_count / v_members + case when v_rank < p_lane_count % v_members then 1 else 0 end;

    update lane_lease l set expires_at = v_now + p_expiry
    where l.consumer = p_consumer and l.topic = p_topic and l.owner = p_member;
    get diagnostics v_held = row_count;
    if v_held < v_share then
        update lane_lease l set owner = p_member, epoch = l.epoch + 1, expires_at = v_now + p_expiry
        where l.consumer = p_consumer and l.topic = p_topic and l.lane in (
            select f.lane from lane_lease f
            where f.consumer = p_consumer and f.topic = p_topic and f.owner is distinct from p_member
                and f.expires_at < v_now
                -- Its holder may be committing at this moment; then the next heartbeat tries again.
                and (f.owner is null or pg_try_advisory_xact_lock(member_lock(f.owner)))
            order by f.lane limit v_share - v_held
            for update skip locked);
    end if;
    return query
        select l.lane, l.epoch, v_share from lane_lease l
        where l.consumer = p_consumer and l.topic = p_topic and l.owner = p_member
        union all select null, null, v_share;
end $$;

-- Gives back lanes, or all of a topic when p_lanes is null, and then the membership too.
create function lane_release(p_consumer text, p_topics text[], p_lanes smallint[], p_member uuid) returns void
language plpgsql as $$
begin
    if p_lanes is null then
        update lane_lease l set owner = null, expires_at = '-infinity'
        where l.consumer = p_consumer and l.owner = p_member and l.topic = any (p_topics);
        delete from lane_member m
        where m.consumer = p_consumer and m.member = p_member and m.topic = any (p_topics);
    else
        update lane_lease l set owner = null, expires_at = '-infinity'
        from unnest(p_topics, p_lanes) as t(topic, lane)
        where l.consumer = p_consumer and l.owner = p_member and l.topic = t.topic and l.lane = t.lane;
    end if;
end $$;

-- The cursor of every registered reader in every lane; at the start where a reader never ran. p_relay names the consumer
-- that reads for all others where a broker is used, else null.
create function outbox_lane_cursors(p_relay text)
returns table (topic text, lane smallint, transaction_id xid8, id bigint) language sql stable as $$
    select distinct r.topic, l.lane::smallint, coalesce(c.transaction_id, '0'::xid8), coalesce(c.id, 0)
    from outbox_reader r
    cross join generate_series(0, r.lanes - 1) as l(lane)
    left join outbox_cursor c
        on c.consumer = coalesce(p_relay, r.consumer) and c.topic = r.topic and c.lane = l.lane
$$;

-- Makes the partition of a day unless it is there. ATTACH lets other writers go on; the lock ends with the caller's
-- transaction, and only the first writer of a day takes it.
create function ensure_outbox_day(p_day date) returns void language plpgsql security definer as $$
declare
    partition_name text := 'outbox_' || to_char(p_day, 'YYYYMMDD');
begin
    if to_regclass(format('%I.%I', current_schema, partition_name)) is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtextextended(current_schema || '.outbox', 0));
    if to_regclass(format('%I.%I', current_schema, partition_name)) is not null then
        return;
    end if;
    -- Rows are only added, and all go at once soon: there is nothing for autovacuum to win, and its scans cost.
    execute format(
        'create table %I (like outbox including defaults including constraints)
            with (autovacuum_enabled = off, toast.autovacuum_enabled = off)', partition_name);
    execute format(
        'alter table outbox attach partition %I for values from (%L) to (%L)', partition_name, p_day, p_day + 1);
end $$;

-- Drops partitions of days before p_before that every cursor has left behind. Returns how many went.
create function drop_outbox_days(p_before date, p_relay text) returns integer
language plpgsql security definer as $$
declare
    v_partition record;
    v_waiting boolean;
    v_dropped integer := 0;
begin
    perform set_config('lock_timeout', '500ms', true);
    for v_partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$'
            and to_date(right(c.relname, 8), 'YYYYMMDD') < p_before
        order by c.relname
    loop
        execute format('lock table %I in access exclusive mode', v_partition.relname);
        execute format(
            'select exists (
                select 1 from outbox_lane_cursors($1) c
                where exists (
                    select 1 from %I o where o.topic = c.topic and o.lane = c.lane
                        and (o.transaction_id, o.id) > (c.transaction_id, c.id)))', v_partition.relname)
            into v_waiting using p_relay;
        if not v_waiting then
            execute format('drop table %I', v_partition.relname);
            v_dropped := v_dropped + 1;
        end if;
    end loop;
    return v_dropped;
end $$;

-- The two functions that run with the owner's rights see this schema and nothing else.
do $$
declare
    v_function regprocedure;
begin
    foreach v_function in array array[
        'ensure_outbox_day(date)'::regprocedure, 'drop_outbox_days(date, text)'::regprocedure]
    loop
        execute format('alter function %s set search_path = %I, pg_temp', v_function, current_schema);
        execute format('revoke all on function %s from public', v_function);
    end loop;
end $$;
