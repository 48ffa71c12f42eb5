-- The own page of the post of each open case, looked at once a day: whether it is still there.
CREATE TABLE looks (
  case_id       TEXT PRIMARY KEY,
  url           TEXT NOT NULL,
  host          TEXT NOT NULL,
  next_at       BIGINT NOT NULL,
  etag          TEXT,
  last_modified TEXT,
  -- It has answered once: only what was there can be gone.
  was_there     BIGINT NOT NULL DEFAULT 0,
  -- Looks in a row that found nothing.
  n_gone        BIGINT NOT NULL DEFAULT 0,
  lease_owner   TEXT,
  lease_until   BIGINT NOT NULL DEFAULT 0,
  lease_token   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX looks_due ON looks (next_at);
