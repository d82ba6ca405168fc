-- The command that created each envelope, as it came, with the draft in it: written once, and apart from the state, so that
-- no step rewrites it. It is bytea, because nothing looks inside it here.
create table creations (
    tenant_id uuid not null,
    envelope_id uuid not null,
    command bytea not null,
    primary key (tenant_id, envelope_id)
);

-- The state of every envelope: one row that is rewritten with each step, and that the lock of each step is taken on.
-- `state` is the aggregate's own text without the draft, and `state_id` names it: no other state of any envelope has the
-- same id, so a process knows whether what it remembers is what is stored. The columns beside them are what timers
-- search by. `expires_at` is null once the envelope has ended; `awaiting_since` may be too early (the sweep puts it
-- right), so that most steps leave every indexed column alone and stay on their page, which the fill factor leaves room
-- for. A state of less than a page is kept in the row and uncompressed.
-- Hash partitions keep each piece small enough to be vacuumed quickly; every lookup names the envelope.
create table envelopes (
    tenant_id uuid not null,
    envelope_id uuid not null,
    state_id uuid not null,
    status text not null,
    policy_version text not null,
    expires_at timestamptz,
    awaiting_since timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    state bytea not null,
    primary key (tenant_id, envelope_id)
) partition by hash (envelope_id);

create table envelopes_0 partition of envelopes for values with (modulus 4, remainder 0)
    with (fillfactor = 40, toast_tuple_target = 8160);
create table envelopes_1 partition of envelopes for values with (modulus 4, remainder 1)
    with (fillfactor = 40, toast_tuple_target = 8160);
create table envelopes_2 partition of envelopes for values with (modulus 4, remainder 2)
    with (fillfactor = 40, toast_tuple_target = 8160);
create table envelopes_3 partition of envelopes for values with (modulus 4, remainder 3)
    with (fillfactor = 40, toast_tuple_target = 8160);

-- What the deadline scheduler asks for.
create index envelopes_by_deadline on envelopes (expires_at) where expires_at is not null;

-- What the reconciliation sweep asks for.
create index envelopes_by_waiting on envelopes (awaiting_since) where awaiting_since is not null;

grant select, insert, update on envelopes, creations to paraph_orchestrator;
