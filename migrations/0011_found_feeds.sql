-- The feed that a source's web page offers: read instead of the page, until it can be read no more.
CREATE TABLE found_feeds (
  source_id TEXT PRIMARY KEY REFERENCES sources (id),
  -- The configured address on which it was found: another address makes it void.
  page      TEXT NOT NULL,
  url       TEXT NOT NULL,
  found_at  BIGINT NOT NULL
);
