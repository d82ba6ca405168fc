-- What the tenants' key registers say, as far as it is in the audit log: a step of a key's life that stands here was
-- recorded, one that does not is written together with its event. Several signers watch the same registers; the primary
-- key lets one of them record each step. n counts a key's steps from 0, which is when it was stored.
create table key_transitions (
    tenant_id uuid not null,
    key_id uuid not null,
    n integer not null,
    state text not null,
    decided_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (tenant_id, key_id, n)
);
grant select, insert on key_transitions to paraph_signer;
