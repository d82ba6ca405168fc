-- One row per artifact that the vault keeps: its class, the instant the period counts from, and the first day on which it
-- may be disposed of. A due date only ever moves later.
create table schedules (
    tenant_id uuid not null,
    artifact_id uuid not null,
    envelope_id uuid not null,
    kind text not null,
    retention_class text not null,
    policy_version text not null,
    anchored_at timestamptz not null,
    due_at timestamptz not null,
    scheduled_at timestamptz not null,
    disposal_id uuid,
    disposal_requested_at timestamptz,
    primary key (tenant_id, artifact_id)
);
create index on schedules (due_at) where disposal_id is null;
grant select, insert, update on schedules to paraph_retention;
