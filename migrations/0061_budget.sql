-- How many letters that count a recipient has had on a day of the manager's zone (2026-11-23).
CREATE TABLE quotas (
  recipient TEXT NOT NULL,
  day       TEXT NOT NULL,
  n         BIGINT NOT NULL,
  PRIMARY KEY (recipient, day)
);
-- On which of these days a delivery counted last; NULL: it was not tried yet, or there is no budget.
ALTER TABLE outbox ADD COLUMN charged_on TEXT;

-- Deliveries that were not made: each case of theirs is named in another letter to the same person.
CREATE TABLE held (
  -- That of the delivery.
  id        TEXT PRIMARY KEY,
  alert_id  TEXT NOT NULL,
  recipient TEXT NOT NULL,
  held_at   BIGINT NOT NULL,
  -- flood: too many at once; budget: too many that day.
  why       TEXT NOT NULL,
  -- 1: it does not wait for the digest.
  urgent    BIGINT NOT NULL,
  -- The letter that names it; NULL while it waits for one.
  listed_in TEXT
);
CREATE INDEX held_waiting ON held (recipient, held_at) WHERE listed_in IS NULL;
CREATE INDEX held_listed ON held (listed_in);

-- The digests that were made: one of a kind for a person and a day.
CREATE TABLE digests (
  kind      TEXT NOT NULL,
  recipient TEXT NOT NULL,
  day       TEXT NOT NULL,
  -- Until when it tells what happened.
  until_at  BIGINT NOT NULL,
  PRIMARY KEY (kind, recipient, day)
);

-- What a digest asks for.
CREATE INDEX posts_doubts ON posts (seen_at) WHERE level = 'doubt';
CREATE INDEX case_events_at ON case_events (at);
