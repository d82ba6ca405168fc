-- A mail is an effect that cannot be taken back: its intent is written first, under a unique key, and its outcome after.
-- No address, name or text of a mail is kept here. Partitioned by the day on which the mail was asked for, which the
-- request itself carries, so that a repeat always meets the first row. A mail whose outcome is noted may still owe its
-- answer and its audit event, when others of its batch failed: answered_at is set with them.
create table deliveries (
    tenant_id uuid not null,
    request_id uuid not null,
    generation integer not null,
    kind text not null,
    requested_day date not null,
    envelope_id uuid not null,
    channel text not null,
    status text not null default 'intended',
    reason text,
    attempts integer not null default 0,
    intended_at timestamptz not null,
    finished_at timestamptz,
    answered_at timestamptz,
    primary key (tenant_id, request_id, generation, kind, requested_day)
) partition by range (requested_day);
create table deliveries_default partition of deliveries default with (fillfactor = 50);
grant select, insert, update on deliveries to paraph_notifier;
