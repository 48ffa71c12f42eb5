-- What is due is found without a look at what is not: with ten thousand sources, and with years of
-- mails that were sent long ago.
DROP INDEX sources_due;
CREATE INDEX sources_due ON sources (next_at, id);
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state IN ('ready', 'in_doubt');
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE state = 'sending';
