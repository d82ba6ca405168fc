-- Who may call: tenants, their programs, and the programs' tokens. A token is kept as its SHA-256 only.
create table tenants (
    tenant_id uuid not null primary key,
    name text not null,
    organisation text not null,
    is_live boolean not null,
    created_at timestamptz not null
);
create table service_accounts (
    tenant_id uuid not null references tenants,
    account_id uuid not null,
    name text not null,
    scopes text[] not null,
    created_at timestamptz not null,
    primary key (tenant_id, account_id),
    unique (account_id)
);
create table api_tokens (
    tenant_id uuid not null,
    token_id uuid not null,
    account_id uuid not null,
    token_sha256 bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (tenant_id, token_id),
    unique (token_sha256),
    foreign key (tenant_id, account_id) references service_accounts
);
create index on api_tokens (account_id);
create index on api_tokens (token_id);

-- PDFs that wait to be used by envelopes; each envelope refers to the same stored object.
create table uploads (
    tenant_id uuid not null,
    upload_id uuid not null,
    account_id uuid not null,
    file_name text,
    original_sha256 bytea not null,
    size bigint not null,
    data_key_id uuid not null,
    pages text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, upload_id)
) partition by hash (upload_id);
-- What pruning asks for.
create index uploads_by_expiry on uploads (expires_at);

-- What was asked for, once and for ever: the command that the orchestrator got, which holds the draft with names and
-- addresses, and the parts of the API's answer that never change. Nothing looks inside the text here.
create table envelope_drafts (
    tenant_id uuid not null,
    envelope_id uuid not null,
    command text not null,
    pages text not null,
    parts bytea[] not null,
    primary key (tenant_id, envelope_id)
) partition by hash (envelope_id);

-- Where each envelope stands, rewritten with each snapshot, which is kept as it came; `document_id` is its first
-- document. No changing column is indexed, so that an update stays on its page.
create table envelopes (
    tenant_id uuid not null,
    envelope_id uuid not null,
    document_id uuid not null,
    account_id uuid not null,
    external_id text,
    batch_id text,
    status text not null,
    is_released boolean not null,
    sequence bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    completed_at timestamptz,
    snapshot bytea not null,
    primary key (tenant_id, envelope_id)
) partition by hash (envelope_id);
create index envelopes_by_external_id on envelopes (tenant_id, external_id) where external_id is not null;
create index envelopes_by_batch on envelopes (tenant_id, batch_id) where batch_id is not null;

-- The columns of DM-01, where an object's key is its artifact id. `body` is the answer of the API as it goes out, kept
-- uncompressed and in the row, so that reading a status costs one index lookup.
create table documents (
    tenant_id uuid not null,
    document_id uuid not null,
    envelope_id uuid not null,
    document_index integer not null,
    owner_id uuid not null,
    title text not null,
    original_s3_key uuid not null,
    signed_s3_key uuid,
    status text not null,
    created_at timestamptz not null,
    completed_at timestamptz,
    body bytea not null,
    primary key (tenant_id, document_id)
) partition by hash (document_id);
alter table documents alter column body set storage external;

-- The columns of DM-02; of the signing token only the SHA-256 of its current generation.
create table signing_requests (
    tenant_id uuid not null,
    envelope_id uuid not null,
    request_id uuid not null,
    document_id uuid not null,
    signer_key text not null,
    signer_name text not null,
    signer_email text not null,
    order_index integer not null,
    status text not null,
    generation integer not null,
    signing_token_sha256 bytea not null,
    opened_at timestamptz,
    notified_at timestamptz,
    viewed_at timestamptz,
    signed_at timestamptz,
    declined_at timestamptz,
    primary key (tenant_id, envelope_id, request_id)
) partition by hash (envelope_id);

-- Every link that was ever issued, so that an old one is told apart from an invented one.
create table signing_links (
    tenant_id uuid not null,
    token_sha256 bytea not null,
    envelope_id uuid not null,
    request_id uuid not null,
    generation integer not null,
    primary key (tenant_id, token_sha256)
) partition by hash (token_sha256);
create index on signing_links (token_sha256);

-- The columns of DM-03.
create table signature_fields (
    tenant_id uuid not null,
    envelope_id uuid not null,
    field_id uuid not null,
    document_id uuid not null,
    request_id uuid not null,
    field_key text not null,
    page_number integer not null,
    x double precision not null,
    y double precision not null,
    width double precision not null,
    height double precision not null,
    field_type text not null,
    is_required boolean not null,
    primary key (tenant_id, envelope_id, field_id)
) partition by hash (envelope_id);

-- Hash partitions keep each piece small enough to be vacuumed. There are few of them, because a statement over many rows
-- prepares a look into each; tables that are updated leave room for the next version of a row on its page.
do $$
declare
    partitioned record;
begin
    for partitioned in
        select * from (values
            ('uploads', ''), ('envelope_drafts', ''), ('signing_links', ''), ('signature_fields', ''),
            ('envelopes', 'with (fillfactor = 60)'), ('signing_requests', 'with (fillfactor = 60)'),
            ('documents', 'with (fillfactor = 60, toast_tuple_target = 8160)')
        ) as t (name, options)
    loop
        for remainder in 0..3 loop
            execute format('create table %I partition of %I for values with (modulus 4, remainder %s) %s',
                partitioned.name || '_' || remainder, partitioned.name, remainder, partitioned.options);
        end loop;
    end loop;
end
$$;

grant select, insert on tenants, service_accounts, uploads, envelope_drafts, signing_links, signature_fields to paraph_intake;
grant delete on uploads to paraph_intake;
grant select, insert, update on api_tokens, envelopes, documents, signing_requests to paraph_intake;
