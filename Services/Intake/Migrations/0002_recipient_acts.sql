-- What each recipient did on the signing page, once by each link: the signing request is the idempotency key of its acts,
-- so a repeat finds the first one here before the orchestrator has heard of it.
create table recipient_acts (
    tenant_id uuid not null,
    envelope_id uuid not null,
    request_id uuid not null,
    act text not null,
    generation integer not null,
    digest bytea not null,
    accepted_at timestamptz not null,
    primary key (tenant_id, envelope_id, request_id, act, generation)
);
grant select, insert on recipient_acts to paraph_intake;
