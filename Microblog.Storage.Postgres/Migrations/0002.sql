-- What people do with notices: repeats, favourites, answers, changes; and what they are told of it.
-- The fields that few notices have, as one text (NoticeDetail); and what others made of it so far.
ALTER TABLE microblog.notice
    ADD COLUMN repeat_of bigint NOT NULL DEFAULT 0,
    ADD COLUMN detail text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN replies integer NOT NULL DEFAULT 0,
    ADD COLUMN repeats integer NOT NULL DEFAULT 0,
    ADD COLUMN favourites integer NOT NULL DEFAULT 0;
UPDATE microblog.notice n SET replies = r.replies FROM (
    SELECT reply_to, count(*) AS replies FROM microblog.notice
    WHERE reply_to <> 0 AND scope = 0 AND visibility < 2 AND NOT is_deleted GROUP BY reply_to) r WHERE n.id = r.reply_to;
CREATE INDEX notice_reply ON microblog.notice (reply_to) WHERE reply_to <> 0;
-- Answers that came before what they answer.
CREATE INDEX notice_awaiting ON microblog.notice (reply_to_uri) WHERE reply_to = 0 AND reply_to_uri <> '';
CREATE INDEX notice_direct ON microblog.notice (author, id) WHERE visibility = 3;
CREATE INDEX audience_person ON microblog.audience (person, notice);

-- Who repeats what, each person once.
CREATE TABLE microblog.repeat (
    original bigint NOT NULL,
    person bigint NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (original, person)
) {BY:original};

CREATE TABLE microblog.favourite (
    person bigint NOT NULL,
    position bigint NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (person, position)
) {BY:person};
CREATE UNIQUE INDEX favourite_notice ON microblog.favourite (notice, person);
-- Where numbering goes on after a restart.
CREATE INDEX favourite_position ON microblog.favourite (position);

-- Favourites that people brought along, of notices that are not here.
CREATE TABLE microblog.kept_favourite (
    person bigint NOT NULL,
    uri text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (person, uri)
) {BY:person};
CREATE INDEX kept_favourite_position ON microblog.kept_favourite (person, position);

-- What a notice said before it was changed.
CREATE TABLE microblog.revision (
    notice bigint NOT NULL,
    number bigint NOT NULL,
    until bigint NOT NULL,
    content text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    PRIMARY KEY (notice, number)
) {BY:notice};

-- What people are told, apart from mentions, which have a table of their own.
CREATE TABLE microblog.notification (
    owner bigint NOT NULL,
    position bigint NOT NULL,
    kind integer NOT NULL,
    actor bigint NOT NULL,
    notice bigint NOT NULL,
    subscription bigint NOT NULL,
    PRIMARY KEY (owner, position)
) {BY:owner};
CREATE UNIQUE INDEX notification_notice ON microblog.notification (notice, owner, kind, actor) WHERE notice <> 0;
CREATE UNIQUE INDEX notification_subscription ON microblog.notification (subscription, owner, kind, actor) WHERE subscription <> 0;
CREATE INDEX notification_position ON microblog.notification (position);

-- How far somebody has read a list.
CREATE TABLE microblog.mark (
    person bigint NOT NULL,
    list text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (person, list)
) {BY:person};

-- Joins a notice to what it answers: a local or proven notice, or one that the same subscription brought. That is locked, for it may be
-- about to join a conversation itself, and would leave this answer behind. Whoever answered the notice meanwhile took it for the first of the
-- conversation, and comes along; but an unproven notice moves nothing that others see (OMB-65), and is not counted before them.
CREATE FUNCTION microblog.answer(answering bigint, answered text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    answer microblog.notice;
    parent record;
BEGIN
    SELECT * INTO answer FROM microblog.notice WHERE id = answering FOR NO KEY UPDATE;
    SELECT n.id, n.conversation INTO parent FROM microblog.notice_uri u JOIN microblog.notice n ON n.id = u.notice
    WHERE u.uri = answered AND NOT u.is_shared AND u.scope IN (0, answer.scope) AND n.id <> answering ORDER BY u.scope LIMIT 1
    FOR NO KEY UPDATE OF n;
    IF answer.scope = 0 AND answer.visibility < 2 THEN
        UPDATE microblog.notice SET replies = replies - 1 WHERE id = answer.reply_to;
        UPDATE microblog.notice SET replies = replies + 1 WHERE id = parent.id;
    END IF;
    UPDATE microblog.notice SET reply_to = coalesce(parent.id, 0), reply_to_uri = answered WHERE id = answering;
    IF parent.id IS NULL OR parent.conversation = answer.conversation THEN
        RETURN;
    END IF;
    IF answer.conversation = answering THEN
        UPDATE microblog.notice SET conversation = parent.conversation
        WHERE conversation = answering AND conversation <> id AND (answer.scope = 0 OR scope = answer.scope);
    END IF;
    UPDATE microblog.notice SET conversation = parent.conversation WHERE id = answering;
END
$$;

-- Takes in answers that came before what they answer.
CREATE FUNCTION microblog.adopt(answered text, parent bigint, brought bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    child bigint;
BEGIN
    FOR child IN SELECT id FROM microblog.notice
        WHERE reply_to_uri = answered AND reply_to = 0 AND reply_to_uri <> '' AND id <> parent AND (brought = 0 OR scope = brought) ORDER BY id
    LOOP
        PERFORM microblog.answer(child, answered);
    END LOOP;
END
$$;

-- Of whom somebody does not want to hear, and until when.
CREATE TABLE microblog.mute (
    muter bigint NOT NULL,
    muted text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    until bigint,
    PRIMARY KEY (muter, muted)
) {BY:muter};

-- Attachments: a notice carries what lists show of its own, as text; here is whose they are and where they belong. Their bytes are in
-- pieces, so that every process has them and none holds a whole one in a row.
ALTER TABLE microblog.notice ADD COLUMN attachments text COLLATE "C" NOT NULL DEFAULT '';
CREATE TABLE microblog.attachment (
    id bigint PRIMARY KEY,
    owner bigint NOT NULL,
    notice bigint NOT NULL,
    blob text COLLATE "C" NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    width bigint NOT NULL,
    height bigint NOT NULL,
    description text COLLATE "C" NOT NULL
) {BY:id};
CREATE INDEX attachment_owner ON microblog.attachment (owner, size);
CREATE INDEX attachment_notice ON microblog.attachment (notice) WHERE notice <> 0;
CREATE INDEX attachment_loose ON microblog.attachment (id) WHERE notice = 0;
CREATE INDEX attachment_blob ON microblog.attachment (blob);

CREATE TABLE microblog.blob (
    key text COLLATE "C" PRIMARY KEY,
    written_at bigint NOT NULL
) {BY:key};
CREATE TABLE microblog.blob_piece (
    key text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (key, number)
) {BY:key};
-- Pictures are compressed already.
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'microblog'::regnamespace AND c.relkind IN ('r', 'p')
        AND c.relname ~ '^blob_piece(_[0-9]+)?$'
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN content SET STORAGE EXTERNAL', part);
    END LOOP;
END
$$;

-- Groups of people. Their nicknames are never given again.
CREATE TABLE microblog.group (
    id bigint PRIMARY KEY,
    nickname text COLLATE "C" NOT NULL,
    aliases text COLLATE "C" NOT NULL,
    full_name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    homepage text COLLATE "C" NOT NULL,
    creator bigint NOT NULL,
    members integer NOT NULL,
    notices integer NOT NULL
) {BY:id};
CREATE INDEX group_members ON microblog.group (members, id);

-- Nicknames and aliases.
CREATE TABLE microblog.group_name (
    name text COLLATE "C" PRIMARY KEY,
    group_id bigint NOT NULL
) {BY:name};

-- How people stand to a group: 1 blocked, 2 member, 3 admin; and since when.
CREATE TABLE microblog.group_member (
    group_id bigint NOT NULL,
    person bigint NOT NULL,
    standing integer NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (group_id, person)
) {BY:group_id};
CREATE INDEX group_member_person ON microblog.group_member (person, group_id);
CREATE INDEX group_member_standing ON microblog.group_member (group_id, standing DESC, position);
-- In this order a notice reaches them.
CREATE INDEX group_member_reader ON microblog.group_member (group_id, position, person) WHERE standing >= 2;
-- Where numbering goes on after a restart.
CREATE INDEX group_member_position ON microblog.group_member (position);

CREATE TABLE microblog.group_notice (
    group_id bigint NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (group_id, notice)
) {BY:group_id};

-- A notice may leave a job for its followers and one for each of its groups.
ALTER TABLE microblog.job ADD COLUMN group_id bigint NOT NULL DEFAULT 0;
ALTER TABLE microblog.job DROP CONSTRAINT job_author_notice_key;
ALTER TABLE microblog.job ADD UNIQUE (author, notice, group_id);
-- What people look for: under each of our own terms (SearchTerms) the notices that have it. The primary key is the index and the newest come first
-- when it is walked backwards; PostgreSQL's own full-text index (GIN) knows no order and would have to fetch all. The document keeps the
-- terms, because it is by them that an entry is taken out again. Kind 0 is a notice, 1 a person.
CREATE TABLE microblog.search (
    term text COLLATE "C" NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (term, notice)
) {BY:term};
CREATE TABLE microblog.search_document (
    kind integer NOT NULL,
    number bigint NOT NULL,
    terms text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, number)
) {BY:number};
CREATE TABLE microblog.search_person (
    term text COLLATE "C" NOT NULL,
    person bigint NOT NULL,
    PRIMARY KEY (term, person)
) {BY:term};
-- What has changed since it was taken up: one row each time, so that nobody waits for another's.
CREATE TABLE microblog.search_change (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind integer NOT NULL,
    number bigint NOT NULL
);
-- All notices up to position are in the index, but for those below oldest that were there before it. One process at a time locks the row.
CREATE TABLE microblog.search_state (
    position bigint NOT NULL,
    oldest bigint NOT NULL
);
-- Has everything taken up that is there now. The last minutes are gone through again, for there may be numbers that are not visible yet.
CREATE FUNCTION microblog.search_anew() RETURNS void LANGUAGE sql AS $$
    DELETE FROM microblog.search_state;
    INSERT INTO microblog.search_state (position, oldest)
        SELECT greatest(coalesce(max(id), 0) - 600000::bigint * 4096, 0), coalesce(max(id) + 1, 0) FROM microblog.notice;
    INSERT INTO microblog.search_change (kind, number) SELECT 1, id FROM microblog.profile ORDER BY id;
$$;
SELECT microblog.search_anew();
-- How the operator treats people and domains (Standing): kept on the profile, and by host, so that a list looks up one small row for each
-- notice from elsewhere.
ALTER TABLE microblog.profile ADD COLUMN standing integer NOT NULL DEFAULT 0;
CREATE TABLE microblog.host (
    host text COLLATE "C" NOT NULL PRIMARY KEY,
    standing integer NOT NULL
);
INSERT INTO microblog.host (host, standing) SELECT DISTINCT host, 0 FROM microblog.profile WHERE host <> '';
CREATE TABLE microblog.domain (
    domain text COLLATE "C" NOT NULL PRIMARY KEY,
    standing integer NOT NULL,
    at bigint NOT NULL
);
-- By identifier, for profiles that come later.
CREATE TABLE microblog.standing (
    uri text COLLATE "C" NOT NULL PRIMARY KEY,
    standing integer NOT NULL
) {BY:uri};

CREATE TABLE microblog.report (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    reporter bigint NOT NULL,
    about text COLLATE "C" NOT NULL,
    notices text COLLATE "C" NOT NULL,
    content text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    closed_at bigint,
    note text COLLATE "C" NOT NULL
);
CREATE INDEX report_open ON microblog.report (id) WHERE closed_at IS NULL;
CREATE INDEX report_reporter ON microblog.report (reporter) WHERE closed_at IS NULL;

-- What operators did; never changed nor deleted from.
CREATE TABLE microblog.audit (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    operator text COLLATE "C" NOT NULL,
    action integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL
);

-- Invitations, each under the hash of its link's secret; is_mutual says that the inviter follows back.
CREATE TABLE microblog.invitation (
    key text COLLATE "C" PRIMARY KEY,
    inviter bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    max_uses integer NOT NULL,
    uses integer NOT NULL,
    is_mutual boolean NOT NULL
) {BY:key};
CREATE INDEX invitation_inviter ON microblog.invitation (inviter, created_at);

-- What is kept of each person of this node (ProfileCounts). Not with the profile: that is read with every notice of a list and locked by whoever
-- has to do with the person, and would get a new version with every notice they write. No index names what changes here, so that these
-- rows are replaced in their pages (HOT).
CREATE TABLE microblog.profile_count (
    profile bigint PRIMARY KEY,
    notices integer NOT NULL DEFAULT 0,
    followers integer NOT NULL DEFAULT 0,
    following integer NOT NULL DEFAULT 0,
    favourites integer NOT NULL DEFAULT 0
) {BY:profile};
INSERT INTO microblog.profile_count (profile, notices, followers, following)
SELECT person, sum(notices), sum(followers), sum(following) FROM (
    SELECT author AS person, 1 AS notices, 0 AS followers, 0 AS following FROM microblog.notice
    WHERE NOT is_remote AND NOT is_deleted AND visibility < 3
    UNION ALL SELECT publisher, 0, 1, 0 FROM microblog.subscription WHERE state = 1 AND (NOT is_subscriber_local OR protocol = 'local')
    UNION ALL SELECT subscriber, 0, 0, 1 FROM microblog.subscription WHERE state = 1 AND is_subscriber_local) counted GROUP BY person;

-- What a person has of tokens and passwords; those of subscriptions are found by them.
CREATE INDEX credential_person ON microblog.credential (person, scope, token) WHERE person <> 0 AND subscription = 0;

-- To whom feeds are sent (WebSub); author 0 for lists that are not one person's.
CREATE TABLE microblog.hub_subscription (
    topic text COLLATE "C" NOT NULL,
    callback text COLLATE "C" NOT NULL,
    author bigint NOT NULL,
    host text COLLATE "C" NOT NULL,
    network text COLLATE "C" NOT NULL,
    secret bytea NOT NULL,
    position bigint NOT NULL,
    is_woken boolean NOT NULL,
    expires bigint NOT NULL,
    PRIMARY KEY (topic, callback)
) {BY:topic};
CREATE INDEX hub_subscription_author ON microblog.hub_subscription (author, topic, callback);
CREATE INDEX hub_subscription_host ON microblog.hub_subscription (host);
CREATE INDEX hub_subscription_network ON microblog.hub_subscription (network);
CREATE INDEX hub_subscription_expires ON microblog.hub_subscription (expires);

-- Where a notice was changed or deleted last: the public ones of this node are told of that in order (INoticeReader.ListChangesAsync).
ALTER TABLE microblog.notice ADD COLUMN changed bigint NOT NULL DEFAULT 0;
CREATE INDEX notice_changed ON microblog.notice (changed, id) WHERE changed <> 0 AND NOT is_remote AND visibility = 0 AND NOT is_local_only;
