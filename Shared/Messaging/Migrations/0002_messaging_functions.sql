-- The few steps that must raise an error inside a pipeline, so that its COMMIT becomes a ROLLBACK, and the steps that
-- need the owner's rights. All but the last two run with the service's own rights.

-- Moves positions from what the handler saw to what it leaves. PM002: somebody else moved one meanwhile.
create function advance_streams(
    p_consumer text, p_producers text[], p_topics text[], p_keys uuid[], p_expected bigint[], p_next bigint[],
    p_parked boolean[]
) returns void language plpgsql as $$
declare
    moved bigint;
begin
    -- One row at a time by its whole key: a join may be planned while the table is small and then scan it for ever.
    for i in 1 .. cardinality(p_keys) loop
        if p_expected[i] = 1 then
            insert into stream_position as p (consumer, producer, topic, key, next_seq, is_parked)
            values (p_consumer, p_producers[i], p_topics[i], p_keys[i], p_next[i], p_parked[i])
            on conflict (consumer, producer, topic, key) do update
            set next_seq = excluded.next_seq, is_parked = excluded.is_parked where p.next_seq = 1;
        else
            update stream_position set next_seq = p_next[i], is_parked = p_parked[i]
            where consumer = p_consumer and producer = p_producers[i] and topic = p_topics[i] and key = p_keys[i]
                and next_seq = p_expected[i];
        end if;
        get diagnostics moved = row_count;
        if moved <> 1 then
            raise exception using errcode = 'PM002', message = 'a stream position moved meanwhile';
        end if;
    end loop;
end $$;

-- Proves that the member still holds the lanes and keeps takers away until commit. PM001: it does not.
create function fence_lanes(p_consumer text, p_member uuid, p_topics text[], p_lanes smallint[], p_epochs bigint[])
returns void language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
    held bigint;
begin
    select count(*) into held from (
        select 1 from lane_lease l
        join unnest(p_topics, p_lanes, p_epochs) as t(topic, lane, epoch) on t.topic = l.topic and t.lane = l.lane
        where l.consumer = p_consumer and l.owner = p_member and l.epoch = t.epoch
        order by l.topic collate "C", l.lane
        for share of l
    ) as leases;
    if held <> cardinality(p_lanes) then
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

    -- In the order of fence_lanes, so that the two never wait for each other.
    perform 1 from lane_lease l
    where l.consumer = p_consumer and l.topic = p_topic and l.owner = p_member order by l.lane for no key update;
    update lane_lease l set expires_at = v_now + p_expiry
    where l.consumer = p_consumer and l.topic = p_topic and l.owner = p_member;
    get diagnostics v_held = row_count;
    if v_held < v_share then
        update lane_lease l set owner = p_member, epoch = l.epoch + 1, expires_at = v_now + p_expiry
        where l.consumer = p_consumer and l.topic = p_topic and l.lane in (
            select f.lane from lane_lease f
            where f.consumer = p_consumer and f.topic = p_topic and f.owner is distinct from p_member
                and f.expires_at < v_now
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
    execute format('create table %I (like outbox including defaults including constraints)', partition_name);
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
