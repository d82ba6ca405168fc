-- Disposal destroys the working copy together with the write-once one, so the index remembers which one it was; the
-- intent is written before anything is destroyed.
alter table evidence add column working_artifact_id uuid;
alter table evidence add column working_data_key_id uuid;
alter table evidence add column disposal_id uuid;
alter table evidence add column disposal_intended_at timestamptz;

-- Audit events that others name as their cause and that had not come in after the waiting time: a hole in a producer's
-- sequence until they do.
create table missing_events (
    producer text not null,
    topic text not null,
    key uuid not null,
    seq bigint not null,
    noticed_at timestamptz not null,
    primary key (producer, topic, key, seq)
);
grant select, insert, delete on missing_events to paraph_vault;
