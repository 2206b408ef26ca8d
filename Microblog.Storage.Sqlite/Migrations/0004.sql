-- What people do with notices: repeats, favourites, answers, changes; and what they are told of it.
-- The fields that few notices have, as one text (NoticeDetail); and what others made of it so far.
ALTER TABLE microblog_notice ADD COLUMN repeat_of INTEGER NOT NULL DEFAULT 0;
ALTER TABLE microblog_notice ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE microblog_notice ADD COLUMN replies INTEGER NOT NULL DEFAULT 0;
ALTER TABLE microblog_notice ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE microblog_notice ADD COLUMN favourites INTEGER NOT NULL DEFAULT 0;
UPDATE microblog_notice SET replies = (SELECT count(*) FROM microblog_notice r
    WHERE r.conversation = microblog_notice.conversation AND r.conversation <> r.id AND r.reply_to = microblog_notice.id
        AND r.scope = 0 AND r.visibility < 2 AND r.is_deleted = 0);
CREATE INDEX microblog_notice_reply ON microblog_notice (reply_to) WHERE reply_to <> 0;
-- Answers that came before what they answer.
CREATE INDEX microblog_notice_awaiting ON microblog_notice (reply_to_uri) WHERE reply_to = 0 AND reply_to_uri <> '';
CREATE INDEX microblog_notice_direct ON microblog_notice (author, id) WHERE visibility = 3;
CREATE INDEX microblog_audience_person ON microblog_audience (person, notice);

-- Who repeats what, each person once.
CREATE TABLE microblog_repeat (
    original INTEGER NOT NULL,
    person INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (original, person)
) WITHOUT ROWID;

CREATE TABLE microblog_favourite (
    person INTEGER NOT NULL,
    position INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (person, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX microblog_favourite_notice ON microblog_favourite (notice, person);
-- Where numbering goes on after a restart.
CREATE INDEX microblog_favourite_position ON microblog_favourite (position);

-- Favourites that people brought along, of notices that are not here.
CREATE TABLE microblog_kept_favourite (
    person INTEGER NOT NULL,
    uri TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (person, uri)
) WITHOUT ROWID;
CREATE INDEX microblog_kept_favourite_position ON microblog_kept_favourite (person, position);

-- What a notice said before it was changed.
CREATE TABLE microblog_revision (
    notice INTEGER NOT NULL,
    number INTEGER NOT NULL,
    until INTEGER NOT NULL,
    content TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (notice, number)
) WITHOUT ROWID;

-- What people are told, apart from mentions, which have a table of their own.
CREATE TABLE microblog_notification (
    owner INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    PRIMARY KEY (owner, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX microblog_notification_notice ON microblog_notification (notice, owner, kind, actor) WHERE notice <> 0;
CREATE UNIQUE INDEX microblog_notification_subscription ON microblog_notification (subscription, owner, kind, actor) WHERE subscription <> 0;
CREATE INDEX microblog_notification_position ON microblog_notification (position);

-- How far somebody has read a list.
CREATE TABLE microblog_mark (
    person INTEGER NOT NULL,
    list TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (person, list)
) WITHOUT ROWID;

-- Of whom somebody does not want to hear, and until when.
CREATE TABLE microblog_mute (
    muter INTEGER NOT NULL,
    muted TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (muter, muted)
) WITHOUT ROWID;

-- Attachments: a notice carries what lists show of its own, as text; here is whose they are and where they belong. Their bytes are files,
-- named by their hash.
ALTER TABLE microblog_notice ADD COLUMN attachments TEXT NOT NULL DEFAULT '';
CREATE TABLE microblog_attachment (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    blob TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    description TEXT NOT NULL
);
CREATE INDEX microblog_attachment_owner ON microblog_attachment (owner, size);
CREATE INDEX microblog_attachment_notice ON microblog_attachment (notice) WHERE notice <> 0;
CREATE INDEX microblog_attachment_loose ON microblog_attachment (id) WHERE notice = 0;
CREATE INDEX microblog_attachment_blob ON microblog_attachment (blob);

-- Groups of people. Their nicknames are never given again.
CREATE TABLE microblog_group (
    id INTEGER PRIMARY KEY,
    nickname TEXT NOT NULL,
    aliases TEXT NOT NULL,
    full_name TEXT NOT NULL,
    description TEXT NOT NULL,
    location TEXT NOT NULL,
    homepage TEXT NOT NULL,
    creator INTEGER NOT NULL,
    members INTEGER NOT NULL,
    notices INTEGER NOT NULL
);
CREATE INDEX microblog_group_members ON microblog_group (members, id);

-- Nicknames and aliases.
CREATE TABLE microblog_group_name (
    name TEXT NOT NULL PRIMARY KEY,
    group_id INTEGER NOT NULL
) WITHOUT ROWID;

-- How people stand to a group: 1 blocked, 2 member, 3 admin; and since when.
CREATE TABLE microblog_group_member (
    group_id INTEGER NOT NULL,
    person INTEGER NOT NULL,
    standing INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (group_id, person)
) WITHOUT ROWID;
CREATE INDEX microblog_group_member_person ON microblog_group_member (person, group_id);
CREATE INDEX microblog_group_member_standing ON microblog_group_member (group_id, standing DESC, position);
-- In this order a notice reaches them.
CREATE INDEX microblog_group_member_reader ON microblog_group_member (group_id, position, person) WHERE standing >= 2;
-- Where numbering goes on after a restart.
CREATE INDEX microblog_group_member_position ON microblog_group_member (position);

CREATE TABLE microblog_group_notice (
    group_id INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (group_id, notice)
) WITHOUT ROWID;

-- A notice may leave a job for its followers and one for each of its groups. (As in 0002, nothing is renamed.)
CREATE TEMP TABLE microblog_copy AS SELECT id, notice, author, after, through FROM microblog_job;
DROP TABLE microblog_job;
CREATE TABLE microblog_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notice INTEGER NOT NULL,
    author INTEGER NOT NULL,
    group_id INTEGER NOT NULL DEFAULT 0,
    after INTEGER NOT NULL,
    through INTEGER NOT NULL,
    UNIQUE (author, notice, group_id)
);
INSERT INTO microblog_job (id, notice, author, after, through) SELECT id, notice, author, after, through FROM temp.microblog_copy ORDER BY id;
DROP TABLE temp.microblog_copy;
-- What people look for. The index has our own terms (SearchTerms), which are words already; the document keeps them, because it is by them that
-- an entry is taken out again. Kind 0 is a notice, 1 a person.
CREATE VIRTUAL TABLE microblog_search USING fts5(terms, content='', detail=none, columnsize=0, tokenize='ascii');
CREATE VIRTUAL TABLE microblog_search_term USING fts5vocab(microblog_search, row);
CREATE TABLE microblog_search_document (
    kind INTEGER NOT NULL,
    number INTEGER NOT NULL,
    terms TEXT NOT NULL,
    PRIMARY KEY (kind, number)
) WITHOUT ROWID;
CREATE TABLE microblog_search_person (
    term TEXT NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (term, person)
) WITHOUT ROWID;
-- What has changed since it was taken up.
CREATE TABLE microblog_search_change (
    kind INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (kind, number)
) WITHOUT ROWID;
-- All notices up to position are in the index, but for those below oldest that were there before it.
CREATE TABLE microblog_search_state (
    position INTEGER NOT NULL,
    oldest INTEGER NOT NULL
);
INSERT INTO microblog_search_state (position, oldest) SELECT coalesce(max(id), 0), coalesce(max(id) + 1, 0) FROM microblog_notice;
INSERT INTO microblog_search_change (kind, number) SELECT 1, id FROM microblog_profile;
-- How the operator treats people and domains (Standing): kept on the profile, and by host, so that a list looks up one small row for each
-- notice from elsewhere.
ALTER TABLE microblog_profile ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
CREATE TABLE microblog_host (
    host TEXT NOT NULL PRIMARY KEY,
    standing INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO microblog_host (host, standing) SELECT DISTINCT host, 0 FROM microblog_profile WHERE host <> '';
CREATE TABLE microblog_domain (
    domain TEXT NOT NULL PRIMARY KEY,
    standing INTEGER NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;
-- By identifier, for profiles that come later.
CREATE TABLE microblog_standing (
    uri TEXT NOT NULL PRIMARY KEY,
    standing INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE microblog_report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reporter INTEGER NOT NULL,
    about TEXT NOT NULL,
    notices TEXT NOT NULL,
    content TEXT NOT NULL,
    at INTEGER NOT NULL,
    closed_at INTEGER,
    note TEXT NOT NULL
);
CREATE INDEX microblog_report_open ON microblog_report (id) WHERE closed_at IS NULL;
CREATE INDEX microblog_report_reporter ON microblog_report (reporter) WHERE closed_at IS NULL;

-- What operators did; never changed nor deleted from.
CREATE TABLE microblog_audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    operator TEXT NOT NULL,
    action INTEGER NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- Invitations, each under the hash of its link's secret; is_mutual says that the inviter follows back.
CREATE TABLE microblog_invitation (
    key TEXT NOT NULL PRIMARY KEY,
    inviter INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    is_mutual INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX microblog_invitation_inviter ON microblog_invitation (inviter, created_at);

-- What is kept of each person of this node (ProfileCounts).
CREATE TABLE microblog_profile_count (
    profile INTEGER PRIMARY KEY,
    notices INTEGER NOT NULL DEFAULT 0,
    followers INTEGER NOT NULL DEFAULT 0,
    following INTEGER NOT NULL DEFAULT 0,
    favourites INTEGER NOT NULL DEFAULT 0
);
INSERT INTO microblog_profile_count (profile, notices, followers, following)
SELECT person, sum(notices), sum(followers), sum(following) FROM (
    SELECT author AS person, 1 AS notices, 0 AS followers, 0 AS following FROM microblog_notice
    WHERE NOT is_remote AND NOT is_deleted AND visibility < 3
    UNION ALL SELECT publisher, 0, 1, 0 FROM microblog_subscription WHERE state = 1 AND (NOT is_subscriber_local OR protocol = 'local')
    UNION ALL SELECT subscriber, 0, 0, 1 FROM microblog_subscription WHERE state = 1 AND is_subscriber_local) GROUP BY person;

-- What a person has of tokens and passwords; those of subscriptions are found by them.
CREATE INDEX microblog_credential_person ON microblog_credential (person, scope, token) WHERE person <> 0 AND subscription = 0;

-- To whom feeds are sent (WebSub); author 0 for lists that are not one person's.
CREATE TABLE microblog_hub_subscription (
    topic TEXT NOT NULL,
    callback TEXT NOT NULL,
    author INTEGER NOT NULL,
    host TEXT NOT NULL,
    network TEXT NOT NULL,
    secret BLOB NOT NULL,
    position INTEGER NOT NULL,
    is_woken INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (topic, callback)
) WITHOUT ROWID;
CREATE INDEX microblog_hub_subscription_author ON microblog_hub_subscription (author, topic, callback);
CREATE INDEX microblog_hub_subscription_host ON microblog_hub_subscription (host);
CREATE INDEX microblog_hub_subscription_network ON microblog_hub_subscription (network);
CREATE INDEX microblog_hub_subscription_expires ON microblog_hub_subscription (expires);

-- Where a notice was changed or deleted last: the public ones of this node are told of that in order (INoticeReader.ListChangesAsync).
ALTER TABLE microblog_notice ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX microblog_notice_changed ON microblog_notice (changed, id)
    WHERE changed <> 0 AND is_remote = 0 AND visibility = 0 AND is_local_only = 0;
