-- A signature algorithm that gives another value each time (ECDSA) keeps its first one here until the revision is stored,
-- so that a repeat after a crash stores the same bytes; cms_digest is what it signs.
alter table signing_intents add column cms bytea;
alter table signing_intents add column cms_digest bytea;
