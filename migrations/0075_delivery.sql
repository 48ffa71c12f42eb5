-- Why a delivery was given up, and when. Who cancels one, gives it up: the state is dead all the same.
ALTER TABLE outbox ADD COLUMN cause TEXT;
ALTER TABLE outbox ADD COLUMN dead_at BIGINT;
-- Since when it is tried, where a person had it tried anew; else since it was made.
ALTER TABLE outbox ADD COLUMN since BIGINT;
CREATE INDEX outbox_recipient ON outbox (recipient);

-- What happened to a delivery, in order. The same that happens again lengthens its line.
CREATE TABLE attempt_log (
  outbox_id TEXT NOT NULL REFERENCES outbox (id),
  seq       BIGINT NOT NULL,
  at        BIGINT NOT NULL,
  until_at  BIGINT NOT NULL,
  n         BIGINT NOT NULL,
  -- The worker, or who else: a person, a mail server's report.
  who       TEXT NOT NULL,
  event     TEXT NOT NULL,
  phase     TEXT NOT NULL,
  code      BIGINT,
  text      TEXT,
  PRIMARY KEY (outbox_id, seq)
);

-- What a letter is about, by which mail programs put it beside others: its case or its incident.
ALTER TABLE alerts ADD COLUMN thread TEXT;
UPDATE alerts SET thread = 'case|' || case_id WHERE case_id IS NOT NULL;
CREATE INDEX alerts_thread ON alerts (thread);

-- The mailbox to which reports of mail servers and answers to our mails come: how far it was read.
CREATE TABLE inboxes (
  id          TEXT PRIMARY KEY,
  cursor      TEXT,
  next_at     BIGINT NOT NULL,
  last_ok_at  BIGINT,
  n_failures  BIGINT NOT NULL DEFAULT 0,
  trouble     TEXT,
  trouble_at  BIGINT,
  told_at     BIGINT,
  lease_owner TEXT,
  lease_until BIGINT NOT NULL DEFAULT 0,
  lease_token BIGINT NOT NULL DEFAULT 0
);

-- Mails of it that did something, so that none does it twice.
CREATE TABLE heard_mails (
  id     TEXT PRIMARY KEY,
  at     BIGINT NOT NULL,
  became TEXT NOT NULL
);
CREATE INDEX heard_mails_at ON heard_mails (at);
