-- What a person said of a post: whether it is a complaint about us. The last word counts.
CREATE TABLE judgements (
  post_id      TEXT PRIMARY KEY,
  is_complaint BIGINT NOT NULL,
  -- judged, captured, or the reason of a dismissal.
  because      TEXT NOT NULL,
  judged_at    BIGINT NOT NULL
);
-- What was dismissed before there was this table; a duplicate and what is solved already were complaints.
INSERT INTO judgements (post_id, is_complaint, because, judged_at)
  SELECT c.post_id, 0, MAX(e.words), MAX(e.at) FROM case_events e JOIN cases c ON c.id = e.case_id
  WHERE e.event = 'dismissed' AND c.state = 'dismissed'
    AND e.words IN ('not_about_us', 'other_company', 'spam_or_false', 'not_a_complaint')
  GROUP BY c.post_id;

-- All posts are read in this order when keywords are tried on them.
DROP INDEX posts_source;
CREATE INDEX posts_source ON posts (source_id, seen_at, id);
