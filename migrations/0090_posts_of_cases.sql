-- Few posts have a case: the indexes by case hold those alone, and each new post touches a page less.
DROP INDEX posts_case;
DROP INDEX posts_source_case;
CREATE INDEX posts_case ON posts (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX posts_source_case ON posts (source_id, case_id) WHERE case_id IS NOT NULL;
