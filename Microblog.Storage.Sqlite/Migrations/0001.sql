-- People. A remote person has one row per subscription that told of them (scope), and one more once proven (scope 0).
CREATE TABLE microblog_profile (
    id INTEGER PRIMARY KEY,
    uri TEXT NOT NULL,
    scope INTEGER NOT NULL,
    is_local INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    nickname TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    full_name TEXT NOT NULL,
    bio TEXT NOT NULL,
    location TEXT NOT NULL,
    homepage TEXT NOT NULL,
    avatar_url TEXT NOT NULL,
    license TEXT NOT NULL,
    approves_followers INTEGER NOT NULL,
    fetched_at INTEGER
);
CREATE UNIQUE INDEX microblog_profile_uri ON microblog_profile (uri, scope);
CREATE INDEX microblog_profile_local ON microblog_profile (id) WHERE is_local = 1 AND is_deleted = 0;

-- Nicknames that are or were given; never deleted from (OMB-12).
CREATE TABLE microblog_nickname (
    nickname TEXT NOT NULL PRIMARY KEY,
    profile INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE microblog_subject (
    subject TEXT NOT NULL PRIMARY KEY,
    profile INTEGER NOT NULL
) WITHOUT ROWID;

-- Pictures of 96 by 96, apart from the profiles, which are read far more often.
CREATE TABLE microblog_avatar (
    profile INTEGER PRIMARY KEY,
    content BLOB NOT NULL
);

-- Deleted notices stay, emptied, because their number and URI stay taken.
CREATE TABLE microblog_notice (
    id INTEGER PRIMARY KEY,
    uri TEXT NOT NULL,
    author INTEGER NOT NULL,
    content TEXT NOT NULL,
    url TEXT NOT NULL,
    license TEXT NOT NULL,
    visibility INTEGER NOT NULL,
    is_local_only INTEGER NOT NULL,
    is_remote INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    scope INTEGER NOT NULL,
    reply_to INTEGER NOT NULL,
    reply_to_uri TEXT NOT NULL,
    conversation INTEGER NOT NULL,
    see_also_url TEXT,
    see_also_inline INTEGER,
    see_also_type TEXT,
    see_also_license TEXT,
    mentions TEXT NOT NULL,
    tags TEXT NOT NULL,
    audience TEXT NOT NULL,
    extensions TEXT NOT NULL
);
CREATE INDEX microblog_notice_public ON microblog_notice (id) WHERE is_remote = 0 AND visibility = 0 AND is_deleted = 0;
-- The first notice of a conversation is found by its number, so that most notices cost this index nothing.
CREATE INDEX microblog_notice_conversation ON microblog_notice (conversation, id) WHERE conversation <> id;

-- Who brought which copy of a URI: 0 in is_shared marks a copy's own row, at most one of them local or proven (scope 0).
CREATE TABLE microblog_notice_uri (
    uri TEXT NOT NULL,
    is_shared INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    listener INTEGER NOT NULL,
    author INTEGER NOT NULL,
    PRIMARY KEY (uri, is_shared, scope)
) WITHOUT ROWID;

-- A notice under every profile that stands for its author.
CREATE TABLE microblog_authorship (
    author INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (author, notice)
) WITHOUT ROWID;

-- Home timelines, with the author as the owner knows them.
CREATE TABLE microblog_home (
    owner INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    author INTEGER NOT NULL,
    PRIMARY KEY (owner, notice)
) WITHOUT ROWID;

CREATE TABLE microblog_mention (
    person INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (person, notice)
) WITHOUT ROWID;

CREATE TABLE microblog_audience (
    notice INTEGER NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (notice, person)
) WITHOUT ROWID;

CREATE TABLE microblog_tag (
    tag TEXT NOT NULL,
    notice INTEGER NOT NULL,
    PRIMARY KEY (tag, notice)
) WITHOUT ROWID;

CREATE TABLE microblog_subscription (
    id INTEGER PRIMARY KEY,
    subscriber INTEGER NOT NULL,
    publisher INTEGER NOT NULL,
    publisher_uri TEXT NOT NULL,
    state INTEGER NOT NULL,
    protocol TEXT NOT NULL,
    is_subscriber_local INTEGER NOT NULL,
    peer TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    profile_endpoint TEXT NOT NULL,
    token TEXT NOT NULL,
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX microblog_subscription_pair ON microblog_subscription (subscriber, publisher_uri, peer, id);
CREATE INDEX microblog_subscription_publishers ON microblog_subscription (subscriber, id) WHERE state = 1;
CREATE INDEX microblog_subscription_subscribers ON microblog_subscription (publisher, state, id);
CREATE INDEX microblog_subscription_both ON microblog_subscription (subscriber, publisher, state);
CREATE INDEX microblog_subscription_endpoint ON microblog_subscription (publisher, protocol, endpoint, id) WHERE state = 1;
CREATE INDEX microblog_subscription_local ON microblog_subscription (publisher, id, subscriber)
    WHERE state = 1 AND is_subscriber_local = 1;

CREATE TABLE microblog_block (
    blocker INTEGER NOT NULL,
    blocked TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (blocker, blocked)
) WITHOUT ROWID;

CREATE TABLE microblog_credential (
    scope TEXT NOT NULL,
    token TEXT NOT NULL,
    secret BLOB NOT NULL,
    consumer TEXT NOT NULL,
    state INTEGER NOT NULL,
    person INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    data TEXT NOT NULL,
    expires INTEGER,
    PRIMARY KEY (scope, token)
) WITHOUT ROWID;
CREATE INDEX microblog_credential_consumer ON microblog_credential (scope, consumer, expires);
CREATE INDEX microblog_credential_subscription ON microblog_credential (subscription) WHERE subscription <> 0;
CREATE INDEX microblog_credential_expires ON microblog_credential (expires) WHERE expires IS NOT NULL;

-- Time first: what arrives together lies together, and goes together.
CREATE TABLE microblog_once (
    expires INTEGER NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (expires, scope, key)
) WITHOUT ROWID;

CREATE TABLE microblog_setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The authors' logs (lane 0), and events for one lane alone. Numbers are never used again, for lanes remember them.
CREATE TABLE microblog_event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    author INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX microblog_event_log ON microblog_event (author, number) WHERE lane = 0;
CREATE INDEX microblog_event_own ON microblog_event (lane, number) WHERE lane <> 0;
CREATE INDEX microblog_event_destination ON microblog_event (destination) WHERE lane <> 0;
CREATE INDEX microblog_event_notice ON microblog_event (notice) WHERE notice <> 0;
CREATE INDEX microblog_event_profile ON microblog_event (author) WHERE lane = 0 AND kind = 1;

-- next_due sums up the destination's lanes, so that leasing looks at destinations first, however many lanes wait.
CREATE TABLE microblog_destination (
    id INTEGER PRIMARY KEY,
    protocol TEXT NOT NULL,
    host TEXT NOT NULL,
    is_failing INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    next_due INTEGER,
    UNIQUE (protocol, host)
);
CREATE INDEX microblog_destination_due ON microblog_destination (is_failing, next_due) WHERE next_due IS NOT NULL;

-- due_at is null while nothing waits; a leased lane comes due when its lease ends.
CREATE TABLE microblog_lane (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author INTEGER NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    destination INTEGER NOT NULL,
    follows_log INTEGER NOT NULL,
    position INTEGER NOT NULL,
    due_at INTEGER,
    leased_until INTEGER,
    token INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    failure TEXT NOT NULL DEFAULT '',
    UNIQUE (author, protocol, endpoint)
);
CREATE INDEX microblog_lane_destination ON microblog_lane (destination);
CREATE INDEX microblog_lane_due ON microblog_lane (destination, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX microblog_lane_leased ON microblog_lane (destination, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX microblog_lane_idle ON microblog_lane (author, position) WHERE due_at IS NULL AND follows_log = 1;
CREATE INDEX microblog_lane_position ON microblog_lane (author, position) WHERE follows_log = 1;
CREATE INDEX microblog_lane_failing ON microblog_lane (failing_since, due_at) WHERE failing_since IS NOT NULL;

CREATE TABLE microblog_failure (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    author INTEGER NOT NULL,
    protocol TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    host TEXT NOT NULL,
    event INTEGER NOT NULL,
    event_author INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    notice INTEGER NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX microblog_failure_notice ON microblog_failure (notice) WHERE notice <> 0;

-- Authors whose log may have a beginning that every lane has passed.
CREATE TABLE microblog_prunable (
    author INTEGER PRIMARY KEY
);

-- What a transaction left for later: the local followers of a notice, or (notice 0) the lanes of an author.
CREATE TABLE microblog_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    notice INTEGER NOT NULL,
    author INTEGER NOT NULL,
    after INTEGER NOT NULL,
    through INTEGER NOT NULL,
    UNIQUE (author, notice)
);

CREATE TABLE microblog_lease (
    last INTEGER NOT NULL
);
INSERT INTO microblog_lease (last) VALUES (0);
