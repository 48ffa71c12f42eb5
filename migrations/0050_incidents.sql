-- The same failure told by many customers: one row a story, its cases beside it.
CREATE TABLE incidents (
  id        TEXT PRIMARY KEY,
  watch     TEXT NOT NULL,
  -- The weakness of which its first case speaks, if it does.
  topic     TEXT,
  opened_at BIGINT NOT NULL,
  -- How many customers the last letter told of, 0 before the first, and when it was written.
  n_told    BIGINT NOT NULL,
  told_at   BIGINT,
  -- Until when those who wait to be named are named; NULL while nobody waits.
  tell_at   BIGINT
);
CREATE INDEX incidents_tell ON incidents (tell_at);
CREATE INDEX incidents_watch ON incidents (watch, opened_at);

-- A case belongs to one incident at most.
CREATE TABLE incident_cases (
  case_id     TEXT PRIMARY KEY,
  incident_id TEXT NOT NULL REFERENCES incidents (id),
  -- Why: thread, words, surge.
  bond        TEXT NOT NULL,
  joined_at   BIGINT NOT NULL,
  -- 1 until a letter names it.
  waits       BIGINT NOT NULL
);
CREATE INDEX incident_cases_waits ON incident_cases (incident_id, waits);

-- What a case is compared by with those that come after it.
CREATE TABLE case_prints (
  case_id   TEXT PRIMARY KEY,
  watch     TEXT NOT NULL,
  topic     TEXT,
  -- Digest of the author's name; NULL for one that many share.
  mouth     TEXT,
  -- The smallest hashes of its words; NULL when it says too little.
  sketch    TEXT,
  -- When it was published; when it was heard if that is not told.
  said_at   BIGINT NOT NULL
);
CREATE INDEX case_prints_watch ON case_prints (watch, said_at);
CREATE INDEX case_prints_topic ON case_prints (watch, topic, said_at);

-- Replies to one page or post.
CREATE INDEX posts_thread ON posts (source_id, reply_to) WHERE reply_to IS NOT NULL;

-- Counts up with every change of these tables, so that who reckoned with an older state begins anew.
INSERT INTO instance (name, value) VALUES ('crowd', '0');
