-- What the instance knows about itself: the HMAC key, notes of the service.
CREATE TABLE instance (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- The host, not the source, is paced. While a request is under way, next_at is the end of its lease.
CREATE TABLE hosts (
  host      TEXT PRIMARY KEY,
  next_at   BIGINT NOT NULL,
  robots    TEXT,
  robots_at BIGINT
);

CREATE TABLE sources (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  host          TEXT NOT NULL,
  -- Digest of URL, kind and selectors: when it changes, the validators are dropped.
  mapping       TEXT NOT NULL,
  active        BIGINT NOT NULL,
  etag          TEXT,
  last_modified TEXT,
  body_hash     TEXT,
  -- When it was first read: what was there already is backlog.
  baseline_at   BIGINT,
  next_at       BIGINT NOT NULL,
  n_failures    BIGINT NOT NULL DEFAULT 0,
  last_ok_at    BIGINT,
  last_new_at   BIGINT,
  n_posts       BIGINT NOT NULL DEFAULT 0,
  trouble       TEXT,
  trouble_at    BIGINT,
  told_at       BIGINT,
  lease_owner   TEXT,
  lease_until   BIGINT NOT NULL DEFAULT 0,
  lease_token   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sources_due ON sources (next_at);

-- One row a story: who said what, wherever it was seen.
CREATE TABLE posts (
  id           TEXT PRIMARY KEY,
  source_id    TEXT NOT NULL REFERENCES sources (id),
  title        TEXT,
  text         TEXT NOT NULL,
  author       TEXT,
  url          TEXT,
  lang         TEXT,
  rating       BIGINT,
  published_at BIGINT,
  reply_to     TEXT,
  how          TEXT NOT NULL,
  seen_at      BIGINT NOT NULL,
  backlog      BIGINT NOT NULL,
  -- NULL until scored: the full text is still awaited.
  level        TEXT,
  risk         BIGINT,
  verdict      TEXT,
  case_id      TEXT
);
CREATE INDEX posts_case ON posts (case_id);
CREATE INDEX posts_source ON posts (source_id, seen_at);

-- The keys by which a source's post is known again.
CREATE TABLE seen_keys (
  source_id TEXT NOT NULL,
  kind      TEXT NOT NULL,
  hash      TEXT NOT NULL,
  post_id   TEXT NOT NULL,
  seen_at   BIGINT NOT NULL,
  PRIMARY KEY (source_id, kind, hash)
);

-- Linked pages still to be read for posts whose feed has only a summary.
CREATE TABLE pages (
  post_id     TEXT PRIMARY KEY REFERENCES posts (id),
  source_id   TEXT NOT NULL REFERENCES sources (id),
  url         TEXT NOT NULL,
  host        TEXT NOT NULL,
  next_at     BIGINT NOT NULL,
  n_failures  BIGINT NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_until BIGINT NOT NULL DEFAULT 0,
  lease_token BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX pages_due ON pages (next_at);

CREATE TABLE cases (
  id          TEXT PRIMARY KEY,
  post_id     TEXT NOT NULL REFERENCES posts (id),
  watch       TEXT NOT NULL,
  author_key  TEXT,
  state       TEXT NOT NULL,
  opened_at   BIGINT NOT NULL,
  told_at     BIGINT,
  answer_by   BIGINT,
  due         TEXT,
  due_at      BIGINT,
  n_reminders BIGINT NOT NULL
);
CREATE INDEX cases_due ON cases (due_at);
CREATE INDEX cases_author ON cases (author_key);

CREATE TABLE case_events (
  case_id TEXT NOT NULL REFERENCES cases (id),
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  event   TEXT NOT NULL,
  words   TEXT,
  PRIMARY KEY (case_id, seq)
);

-- Something to tell a person. The letter is rendered once and kept.
CREATE TABLE alerts (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  case_id    TEXT,
  created_at BIGINT NOT NULL,
  subject    TEXT NOT NULL,
  text       TEXT NOT NULL,
  html       TEXT NOT NULL
);
CREATE INDEX alerts_case ON alerts (case_id);

-- One row a recipient. mime is NULL until the first attempt seals the bytes.
CREATE TABLE outbox (
  id          TEXT PRIMARY KEY,
  alert_id    TEXT NOT NULL REFERENCES alerts (id),
  recipient   TEXT NOT NULL,
  message_id  TEXT NOT NULL UNIQUE,
  mime        TEXT,
  state       TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'in_doubt', 'sent', 'dead')),
  phase       TEXT NOT NULL CHECK (phase IN ('none', 'pre_dot', 'post_dot')),
  attempts    BIGINT NOT NULL DEFAULT 0,
  doubts      BIGINT NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until BIGINT NOT NULL DEFAULT 0,
  lease_token BIGINT NOT NULL DEFAULT 0,
  last_code   BIGINT,
  last_error  TEXT,
  created_at  BIGINT NOT NULL,
  sent_at     BIGINT,
  UNIQUE (alert_id, recipient)
);
CREATE INDEX outbox_due ON outbox (next_at, id);

-- Circuit breaker of a mail server.
CREATE TABLE transports (
  name       TEXT PRIMARY KEY,
  open_until BIGINT NOT NULL,
  n_failures BIGINT NOT NULL,
  last_error TEXT
);
