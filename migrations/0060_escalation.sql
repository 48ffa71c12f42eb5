-- An urgent case does not wait for office hours.
ALTER TABLE cases ADD COLUMN urgent BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET urgent = 1 WHERE post_id IN (SELECT id FROM posts WHERE level = 'urgent');
-- Which step of the escalation comes next, and when; NULL: none.
ALTER TABLE cases ADD COLUMN escalate_step BIGINT;
ALTER TABLE cases ADD COLUMN escalate_at BIGINT;
CREATE INDEX cases_escalate ON cases (escalate_at) WHERE escalate_at IS NOT NULL;
