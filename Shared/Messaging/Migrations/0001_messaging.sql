-- The outbox of one service and its memory as a consumer. Every service schema has these tables; the schema is the
-- current one. Readers of a topic get a view each (made by the owner after all schemas exist), never the table.

-- The last number of each stream of this producer: seq is taken in the business transaction, so it has no gap. Keys come
-- first in its index: they differ where topics are equal, so that a search compares little.
create table outbox_stream (
    topic text not null,
    key uuid not null,
    last_seq bigint not null,
    primary key (key, topic)
) with (fillfactor = 70);

-- Append-only. Readers stay below the snapshot's xmin, so that no late commit is skipped; order comes from seq.
create table outbox (
    transaction_id xid8 not null default pg_current_xact_id(),
    id bigint generated always as identity,
    day date not null,
    topic text not null,
    lane smallint not null,
    key uuid not null,
    seq bigint not null,
    type text not null,
    tenant_id uuid not null,
    correlation_id text,
    causation_id text,
    traceparent text,
    audit_after text,
    written_at timestamptz not null,
    payload bytea not null
) partition by range (day);
create index outbox_lane on outbox (topic, lane, transaction_id, id);

-- Who reads this outbox, kept by the owner; a registered reader that never ran still keeps partitions.
create table outbox_reader (
    topic text not null,
    consumer text not null,
    lanes smallint not null,
    primary key (topic, consumer)
);

-- How far each consumer of this schema has settled each lane of each producer. Transaction ids mean something within
-- one cluster only, so the cluster is part of the cursor.
create table lane_cursor (
    consumer text not null,
    producer text not null,
    topic text not null,
    lane smallint not null,
    transaction_id xid8 not null,
    id bigint not null,
    system_identifier bigint not null,
    primary key (consumer, producer, topic, lane)
) with (fillfactor = 50);

-- Members of a consumer group and the lanes they hold. Leases alone use the database's clock.
create table lane_member (
    consumer text not null,
    topic text not null,
    member uuid not null,
    expires_at timestamptz not null,
    primary key (consumer, topic, member)
);
create table lane_lease (
    consumer text not null,
    topic text not null,
    lane smallint not null,
    owner uuid,
    epoch bigint not null default 0,
    expires_at timestamptz not null default '-infinity',
    primary key (consumer, topic, lane)
) with (fillfactor = 50);

-- The next seq that a consumer expects of a stream; is_parked while a dead letter stands at next_seq.
create table stream_position (
    consumer text not null,
    producer text not null,
    topic text not null,
    key uuid not null,
    next_seq bigint not null,
    is_parked boolean not null default false,
    primary key (key, topic, producer, consumer)
) with (fillfactor = 70);

-- Messages that could not be handled; redriven_at is set while one waits to be handled again.
create table dead_letters (
    id bigint generated always as identity primary key,
    consumer text not null,
    producer text not null,
    topic text not null,
    lane smallint not null,
    key uuid not null,
    seq bigint not null,
    type text not null,
    tenant_id uuid not null,
    correlation_id text,
    causation_id text,
    traceparent text,
    audit_after text,
    written_at timestamptz not null,
    payload bytea not null,
    reason_code text not null,
    reason_detail text not null,
    attempts integer not null,
    origin text not null,
    died_at timestamptz not null,
    redriven_at timestamptz,
    unique (consumer, producer, topic, key, seq)
);

-- Messages behind a dead letter, in the order of seq; is_free once a redrive let them go on.
create table parked_messages (
    consumer text not null,
    producer text not null,
    topic text not null,
    lane smallint not null,
    key uuid not null,
    seq bigint not null,
    type text not null,
    tenant_id uuid not null,
    correlation_id text,
    causation_id text,
    traceparent text,
    audit_after text,
    written_at timestamptz not null,
    payload bytea not null,
    is_free boolean not null default false,
    primary key (consumer, producer, topic, key, seq)
);
create index parked_messages_free on parked_messages (consumer, topic, lane) where is_free;

-- The cluster that the outbox's transaction ids belong to; another one after a restore from a dump.
create table outbox_cluster (system_identifier bigint not null);

-- Where the readers' cursors stand; the owner replaces it by the union of theirs when it connects the schemas.
create view outbox_cursor as
select consumer, topic, lane, transaction_id, id from lane_cursor where false;
