-- How each source is, what the operator was told of it, and its rhythm.

-- From when on its trouble is worth an alarm; NULL while it has none.
ALTER TABLE sources ADD COLUMN tell_at BIGINT;
-- What kind of trouble it is: robots, lasting, passing, nothing.
ALTER TABLE sources ADD COLUMN cause TEXT;
-- From when on it counts as quiet against its own rhythm; NULL while it has none.
ALTER TABLE sources ADD COLUMN quiet_at BIGINT;
-- What the operator was told of: blind or quiet. told_at is when.
ALTER TABLE sources ADD COLUMN told_of TEXT;
-- The last alarm about it, also after it was well again.
ALTER TABLE sources ADD COLUMN alarmed_at BIGINT;
-- What the last reading remarked, though it could be read: repaired, 41 of 42.
ALTER TABLE sources ADD COLUMN note TEXT;
-- Posts in the last document that had any.
ALTER TABLE sources ADD COLUMN n_shown BIGINT;
-- Digest of the reader and its selectors at the last document that was read.
ALTER TABLE sources ADD COLUMN reader TEXT;
-- Digest of the URL: at another address everything may be new.
ALTER TABLE sources ADD COLUMN address TEXT;
UPDATE sources SET told_of = 'blind', alarmed_at = told_at WHERE told_at IS NOT NULL;
UPDATE sources SET tell_at = COALESCE(told_at, trouble_at), cause = 'passing'
  WHERE trouble IS NOT NULL;
UPDATE sources SET n_shown = n_posts WHERE n_posts > 0;
CREATE INDEX sources_tell ON sources (tell_at);
CREATE INDEX sources_quiet ON sources (quiet_at);
CREATE INDEX sources_told ON sources (told_at);

-- How many posts a source published in an hour (since 1970): its rhythm, and its sparkline.
CREATE TABLE source_hours (
  source_id TEXT NOT NULL,
  hour      BIGINT NOT NULL,
  n         BIGINT NOT NULL,
  PRIMARY KEY (source_id, hour)
);
INSERT INTO source_hours (source_id, hour, n)
  SELECT source_id, published_at / 3600000, COUNT(*) FROM posts
  WHERE published_at IS NOT NULL GROUP BY source_id, published_at / 3600000;

-- Where else a story was seen, beside the source that brought it first.
CREATE TABLE sightings (
  post_id   TEXT NOT NULL,
  source_id TEXT NOT NULL,
  url       TEXT,
  seen_at   BIGINT NOT NULL,
  PRIMARY KEY (post_id, source_id)
);

-- Since when the post of a live case is no longer where it was, and in how many readings.
ALTER TABLE cases ADD COLUMN missing_at BIGINT;
ALTER TABLE cases ADD COLUMN n_missing BIGINT NOT NULL DEFAULT 0;
CREATE INDEX posts_source_case ON posts (source_id, case_id);
