-- Who takes care of a case, until when it was put off, how often people acted on it, and what their last
-- act can be taken back to, as JSON.
ALTER TABLE cases ADD COLUMN taken_by TEXT;
ALTER TABLE cases ADD COLUMN snoozed_until BIGINT;
ALTER TABLE cases ADD COLUMN n_acts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN undo TEXT;
-- Who did it, where a person did and is known.
ALTER TABLE case_events ADD COLUMN by_whom TEXT;

-- Who reads our mails: a link names its reader by this digest of the address.
CREATE TABLE readers (
  id      TEXT PRIMARY KEY,
  address TEXT NOT NULL
);
