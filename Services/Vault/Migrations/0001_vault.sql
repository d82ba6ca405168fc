-- The audit log: append-only, hash-chained, a chain lies in one partition (the month in which it began).
-- `event` holds exactly the bytes that were hashed (RFC 8785). What DM-04 calls actor_email, ip_address and user_agent is
-- personal and stands encrypted in `personal`, under the data key of the chain, so that erasure leaves the chain whole.
create table audit_events (
    chain_started_at timestamptz not null,
    chain_id uuid not null,
    n bigint not null,
    tenant_id uuid not null,
    event_id uuid not null,
    document_id uuid,
    request_id uuid,
    event_type text not null,
    outcome text not null,
    created_at timestamptz not null,
    recorded_at timestamptz not null,
    producer text not null,
    producer_seq bigint not null,
    correlation_id text not null,
    policy_version text,
    signing_method text,
    legal_standard text,
    metadata jsonb not null default '{}',
    event text not null,
    personal bytea,
    prev_hash bytea not null,
    hash bytea not null,
    primary key (chain_started_at, chain_id, n)
) partition by range (chain_started_at);
-- Plans go by index whatever the statistics say, and taking them reads 30,000 wide rows: once for each doubling.
create table audit_events_default partition of audit_events default with (autovacuum_analyze_scale_factor = 1);

-- Where each chain stands; moved by compare-and-set in the transaction that appends.
create table chain_heads (
    chain_id uuid primary key,
    tenant_id uuid not null,
    subject_kind text not null,
    started_at timestamptz not null,
    policy_version text not null,
    previous_head bytea,
    data_key_id uuid,
    n bigint not null,
    hash bytea not null
) with (fillfactor = 50);
-- Only months of tenants and of the system are looked for by subject; an envelope's chain has the envelope's id.
create index on chain_heads (tenant_id, subject_kind, started_at) where subject_kind <> 'envelope';

-- Nobody changes or deletes a row of the log, the vault's own role neither.
grant select, insert on audit_events to paraph_vault;
grant select, insert, update on chain_heads to paraph_vault;

-- One artifact kept write-once: intent first, then the copy, then what came of it. Disposal destroys the working copy
-- together with the write-once one, and its intent is written before anything is destroyed.
create table evidence (
    tenant_id uuid not null,
    artifact_id uuid not null,
    envelope_id uuid not null,
    document_id uuid not null,
    kind text not null,
    version integer not null,
    pades_level text not null,
    retention_class text not null,
    policy_version text not null,
    signing_method text not null,
    legal_standard text not null,
    sha256 bytea not null,
    size bigint not null,
    completed_at timestamptz not null,
    working_artifact_id uuid not null,
    working_data_key_id uuid not null,
    intended_at timestamptz not null,
    stored_at timestamptz,
    data_key_id uuid,
    disposal_id uuid,
    disposal_intended_at timestamptz,
    disposed_at timestamptz,
    primary key (tenant_id, artifact_id)
) with (fillfactor = 50);
grant select, insert, update on evidence to paraph_vault;

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
