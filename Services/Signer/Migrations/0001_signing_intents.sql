-- A key operation is an effect that cannot be taken back: its intent is written first, under a unique key, and its
-- outcome after. At most one outcome is stored per intent; key_operations minus stored outcomes are explained retries.
-- request_id is the nil UUID for the job that makes the prepared version. Partitioned by the month of the time that the
-- job itself fixes, so that a repeat always meets the first row. A signature algorithm that gives another value each time
-- (ECDSA) keeps its first one in cms until the revision is stored, so that a repeat after a crash stores the same bytes;
-- cms_digest is what it signs.
create table signing_intents (
    tenant_id uuid not null,
    envelope_id uuid not null,
    document_id uuid not null,
    request_id uuid not null,
    version integer not null,
    job_month date not null,
    job_id uuid not null,
    artifact_id uuid not null,
    policy_version text not null,
    signing_method text not null,
    legal_standard text not null,
    attempts integer not null default 1,
    leased_by text not null,
    leased_until timestamptz not null,
    key_operations integer not null default 0,
    created_at timestamptz not null,
    finished_at timestamptz,
    outcome text,
    result_sha256 bytea,
    result_size bigint,
    result_data_key_id uuid,
    certificate_sha256 bytea,
    cms bytea,
    cms_digest bytea,
    primary key (tenant_id, envelope_id, document_id, request_id, version, job_month)
) partition by range (job_month);
create table signing_intents_default partition of signing_intents default with (fillfactor = 50);
grant select, insert, update on signing_intents to paraph_signer;
