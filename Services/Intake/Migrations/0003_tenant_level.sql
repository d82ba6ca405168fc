-- The PAdES level that a tenant wants for its signatures; every new envelope carries it.
alter table tenants add column pades_level text not null default 'B-B';
grant update (pades_level) on tenants to paraph_intake;
