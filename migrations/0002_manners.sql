-- What a site's robots.txt says: one row for each scheme, host and port (RFC 9309, section 2.3).
-- hosts.robots and hosts.robots_at are no longer read; a later release takes them out.
CREATE TABLE robots (
  origin     TEXT PRIMARY KEY,
  text       TEXT NOT NULL,
  fetched_at BIGINT NOT NULL
);

-- What a feed says about its own reading, and how it lives.
ALTER TABLE sources ADD COLUMN ttl_ms BIGINT;
ALTER TABLE sources ADD COLUMN skip_hours BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN skip_days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN gap_ms BIGINT;
ALTER TABLE sources ADD COLUMN newest_at BIGINT;

-- Whole answers with the same bytes in a row, without one 304.
ALTER TABLE sources ADD COLUMN n_whole BIGINT NOT NULL DEFAULT 0;

-- Where permanent redirects lead, and in how many readings in a row it was the same place.
ALTER TABLE sources ADD COLUMN moving_to TEXT;
ALTER TABLE sources ADD COLUMN n_moving BIGINT NOT NULL DEFAULT 0;
-- Where it is read now, instead of at its configured URL.
ALTER TABLE sources ADD COLUMN moved_to TEXT;

-- X-Robots-Tag as the site last sent it.
ALTER TABLE sources ADD COLUMN robots_tag TEXT;
