-- The PAdES level of a stored revision. A raised revision is different at each attempt, since its timestamps are: its
-- update waits in cms, with the level it reaches, until it is stored, so that a repeat after a crash stores the same bytes.
alter table signing_intents add column pades_level text;
