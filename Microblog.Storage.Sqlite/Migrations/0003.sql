-- Since when a destination fails and why, for the operator; and what was given up, by whose it was.
ALTER TABLE microblog_destination ADD COLUMN failing_since INTEGER;
ALTER TABLE microblog_destination ADD COLUMN failure TEXT NOT NULL DEFAULT '';
UPDATE microblog_destination SET failing_since = coalesce(
    (SELECT min(failing_since) FROM microblog_lane WHERE destination = microblog_destination.id AND failing_since IS NOT NULL), not_before)
    WHERE is_failing = 1;
CREATE INDEX microblog_destination_failing ON microblog_destination (failing_since) WHERE failing_since IS NOT NULL;
CREATE INDEX microblog_failure_author ON microblog_failure (event_author, id);
