-- Who asked to be forgotten: keyed digests of his name, the addresses and the words of his posts, so
-- that no reading brings him back.
CREATE TABLE suppressed (
  kind TEXT NOT NULL,
  hash TEXT NOT NULL,
  at   BIGINT NOT NULL,
  PRIMARY KEY (kind, hash)
);

-- What has outlived its time is found without a look at the rest.
CREATE INDEX posts_idle ON posts (level, seen_at, id) WHERE case_id IS NULL;
CREATE INDEX cases_closed ON cases (opened_at) WHERE due_at IS NULL;
CREATE INDEX alerts_full ON alerts (created_at) WHERE text <> '';
CREATE INDEX alerts_of_many ON alerts (created_at) WHERE case_id IS NULL;
CREATE INDEX outbox_sealed ON outbox (sent_at) WHERE mime IS NOT NULL AND state = 'sent';
-- What refers to a row that goes.
CREATE INDEX cases_post ON cases (post_id);
CREATE INDEX alert_cases_case ON alert_cases (case_id);
