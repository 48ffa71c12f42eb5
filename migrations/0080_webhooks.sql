-- A delivery is a mail, or the call of a webhook. Its recipient is then "webhook:" and the name of the
-- endpoint, mime the body (from the beginning), and doubts how often this very event was refused.
ALTER TABLE outbox ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_at, id)
  WHERE channel = 'mail' AND state IN ('ready', 'in_doubt');
CREATE INDEX outbox_calls ON outbox (recipient, created_at, id)
  WHERE channel = 'webhook' AND state = 'ready';

-- 0 until every endpoint that wants to hear of it has a delivery.
ALTER TABLE alerts ADD COLUMN called BIGINT NOT NULL DEFAULT 0;
UPDATE alerts SET called = 1;
CREATE INDEX alerts_uncalled ON alerts (created_at, id) WHERE called = 0;

-- How each endpoint is. Who holds its lease calls it, and nobody else: in order, one at a time.
CREATE TABLE endpoints (
  name        TEXT PRIMARY KEY,
  -- Digest of its section: a change puts it on again.
  config      TEXT NOT NULL,
  -- When it said that it is gone for good (410).
  gone_at     BIGINT,
  -- Since when it takes nothing; NULL while it is well.
  failing_at  BIGINT,
  n_failures  BIGINT NOT NULL DEFAULT 0,
  -- Until when it is left alone.
  open_until  BIGINT NOT NULL DEFAULT 0,
  last_error  TEXT,
  last_ok_at  BIGINT,
  lease_owner TEXT,
  lease_until BIGINT NOT NULL DEFAULT 0,
  lease_token BIGINT NOT NULL DEFAULT 0
);
