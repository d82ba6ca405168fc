-- The state of every envelope: one row that is rewritten with each step, and that the lock of each step is taken on.
-- `state` is the aggregate's own text; the columns beside it are what timers search by. It is json, not jsonb, because
-- nothing looks inside it here and what people typed must come back unchanged.
-- Hash partitions keep each piece small enough to be vacuumed quickly; every lookup names the envelope.
create table envelopes (
    tenant_id uuid not null,
    envelope_id uuid not null,
    status text not null,
    policy_version text not null,
    expires_at timestamptz,
    awaiting_since timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    version bigint not null,
    state json not null,
    primary key (tenant_id, envelope_id)
) partition by hash (envelope_id);

create table envelopes_0 partition of envelopes for values with (modulus 8, remainder 0) with (fillfactor = 70);
create table envelopes_1 partition of envelopes for values with (modulus 8, remainder 1) with (fillfactor = 70);
create table envelopes_2 partition of envelopes for values with (modulus 8, remainder 2) with (fillfactor = 70);
create table envelopes_3 partition of envelopes for values with (modulus 8, remainder 3) with (fillfactor = 70);
create table envelopes_4 partition of envelopes for values with (modulus 8, remainder 4) with (fillfactor = 70);
create table envelopes_5 partition of envelopes for values with (modulus 8, remainder 5) with (fillfactor = 70);
create table envelopes_6 partition of envelopes for values with (modulus 8, remainder 6) with (fillfactor = 70);
create table envelopes_7 partition of envelopes for values with (modulus 8, remainder 7) with (fillfactor = 70);

-- What the deadline scheduler asks for.
create index envelopes_by_deadline on envelopes (expires_at)
    where expires_at is not null and status in ('draft', 'prepared', 'sent', 'in_progress');

-- What the reconciliation sweep asks for: only envelopes that wait for an answer stand in it.
create index envelopes_by_waiting on envelopes (awaiting_since) where awaiting_since is not null;

grant select, insert, update on envelopes to paraph_orchestrator;
