-- Entries of home timelines and mentions have a position of their own, because they may come later than newer notices (decision 0006).
-- What was there keeps its order: until now the notice's number was the position.
-- The rows wait in a temporary table and the name is never changed: with a table SQLite renames what the host's views say of it, and
-- refuses to drop it then.
CREATE TEMP TABLE microblog_copy AS SELECT owner, notice, author FROM microblog_home;
DROP TABLE microblog_home;
CREATE TABLE microblog_home (
    owner INTEGER NOT NULL,
    position INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    author INTEGER NOT NULL,
    PRIMARY KEY (owner, position)
) WITHOUT ROWID;
INSERT INTO microblog_home (owner, position, notice, author) SELECT owner, notice, notice, author FROM temp.microblog_copy ORDER BY rowid;
DROP TABLE temp.microblog_copy;
CREATE UNIQUE INDEX microblog_home_notice ON microblog_home (owner, notice);
-- Where numbering goes on after a restart; most entries stand at their notice's number and cost this index nothing.
CREATE INDEX microblog_home_late ON microblog_home (position) WHERE position <> notice;

CREATE TEMP TABLE microblog_copy AS SELECT person, notice FROM microblog_mention;
DROP TABLE microblog_mention;
CREATE TABLE microblog_mention (
    person INTEGER NOT NULL,
    position INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (person, position)
) WITHOUT ROWID;
INSERT INTO microblog_mention (person, position, notice) SELECT person, notice, notice FROM temp.microblog_copy ORDER BY rowid;
DROP TABLE temp.microblog_copy;
CREATE UNIQUE INDEX microblog_mention_notice ON microblog_mention (person, notice);
CREATE INDEX microblog_mention_late ON microblog_mention (position) WHERE position <> notice;
