-- The cases that one letter lists: they count as told when a server has taken it.
CREATE TABLE alert_cases (
  alert_id TEXT NOT NULL REFERENCES alerts (id),
  case_id  TEXT NOT NULL,
  PRIMARY KEY (alert_id, case_id)
);
