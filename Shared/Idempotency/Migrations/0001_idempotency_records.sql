-- One row for each idempotency key of a caller: who works on it until when, which ids the work has, and its outcome.
-- The outcome is written in the transaction of the effect, so a key is done exactly when its effect exists.
-- `reserved` is fixed before the first effect: an attempt that follows a crash goes on with the same ids.
-- Hash partitions keep each piece small enough to be vacuumed while expired rows are deleted.
create table idempotency_records (
    tenant_id uuid not null,
    service_account_id uuid not null,
    method text not null,
    route text not null,
    key text not null,
    state text not null check (state in ('running', 'done')),
    -- Null while nobody has read the whole request yet.
    fingerprint bytea check (octet_length(fingerprint) = 32),
    reserved jsonb not null,
    lease_token uuid not null,
    -- By the database's clock, which all processes share.
    lease_expires_at timestamptz not null,
    attempt integer not null,
    response_status smallint,
    response_headers jsonb,
    response_body bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    check (state = 'running' or (fingerprint is not null and response_status is not null
        and response_headers is not null and response_body is not null)),
    primary key (tenant_id, service_account_id, method, route, key)
) partition by hash (key);
do $$
begin
    for remainder in 0..3 loop
        execute format('create table %I partition of idempotency_records for values with (modulus 4, remainder %s)',
            'idempotency_records_' || remainder, remainder);
    end loop;
end
$$;

-- What pruning asks for.
create index idempotency_records_by_expiry on idempotency_records (expires_at);

grant select, insert, update, delete on idempotency_records to paraph_intake;
