-- What was known of a post beside its words when it was scored, as JSON; NULL: nothing.
ALTER TABLE posts ADD COLUMN circumstances TEXT;

-- What the author of a complaint said before in the same source.
CREATE INDEX posts_author ON posts (source_id, author);
