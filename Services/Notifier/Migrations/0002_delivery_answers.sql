-- A mail whose outcome is noted may still owe its answer and its audit event, when others of its batch failed.
alter table deliveries add column answered_at timestamptz;
