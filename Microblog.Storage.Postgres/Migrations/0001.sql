-- "{BY:column}" after a table names the column that it is distributed by when it is partitioned (docs/scaling.md). Every constraint
-- contains that column; what has to be unique over all, such as a URI, is a look-up table of its own.

-- Who may write numbers: a process leases one of 64 slots.
CREATE TABLE microblog.writer (
    slot integer PRIMARY KEY,
    holder text COLLATE "C" NOT NULL DEFAULT '',
    until bigint NOT NULL DEFAULT 0
);
INSERT INTO microblog.writer (slot) SELECT generate_series(0, 63);

-- People. A remote person has one row per subscription that told of them (scope), and one more once proven (scope 0).
CREATE TABLE microblog.profile (
    id bigint PRIMARY KEY,
    uri text COLLATE "C" NOT NULL,
    scope bigint NOT NULL,
    is_local boolean NOT NULL,
    is_deleted boolean NOT NULL,
    nickname text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    full_name text COLLATE "C" NOT NULL,
    bio text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    homepage text COLLATE "C" NOT NULL,
    avatar_url text COLLATE "C" NOT NULL,
    license text COLLATE "C" NOT NULL,
    approves_followers boolean NOT NULL,
    fetched_at bigint
) {BY:id};
CREATE INDEX profile_local ON microblog.profile (id) WHERE is_local AND NOT is_deleted;

CREATE TABLE microblog.profile_uri (
    uri text COLLATE "C" NOT NULL,
    scope bigint NOT NULL,
    profile bigint NOT NULL,
    PRIMARY KEY (uri, scope)
) {BY:uri};

-- Nicknames that are or were given; never deleted from (OMB-12).
CREATE TABLE microblog.nickname (
    nickname text COLLATE "C" PRIMARY KEY,
    profile bigint NOT NULL
) {BY:nickname};

CREATE TABLE microblog.subject (
    subject text COLLATE "C" PRIMARY KEY,
    profile bigint NOT NULL
) {BY:subject};
CREATE INDEX subject_profile ON microblog.subject (profile);

-- Pictures of 96 by 96, apart from the profiles, which are read far more often.
CREATE TABLE microblog.avatar (
    profile bigint PRIMARY KEY,
    content bytea NOT NULL
) {BY:profile};

-- Deleted notices stay, emptied, because their number and URI stay taken.
CREATE TABLE microblog.notice (
    id bigint PRIMARY KEY,
    uri text COLLATE "C" NOT NULL,
    author bigint NOT NULL,
    content text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    license text COLLATE "C" NOT NULL,
    visibility integer NOT NULL,
    is_local_only boolean NOT NULL,
    is_remote boolean NOT NULL,
    is_deleted boolean NOT NULL DEFAULT false,
    scope bigint NOT NULL,
    reply_to bigint NOT NULL,
    reply_to_uri text COLLATE "C" NOT NULL,
    conversation bigint NOT NULL,
    see_also_url text COLLATE "C",
    see_also_inline boolean,
    see_also_type text COLLATE "C",
    see_also_license text COLLATE "C",
    mentions text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    audience text COLLATE "C" NOT NULL,
    extensions text COLLATE "C" NOT NULL
) {BY:id};
CREATE INDEX notice_public ON microblog.notice (id) WHERE NOT is_remote AND visibility = 0 AND NOT is_deleted;
-- The first notice of a conversation is found by its number, so that most notices cost this index nothing.
CREATE INDEX notice_conversation ON microblog.notice (conversation, id) WHERE conversation <> id;

-- Who brought which copy of a URI: a row that is not shared is a copy's own, at most one of them local or proven (scope 0).
CREATE TABLE microblog.notice_uri (
    uri text COLLATE "C" NOT NULL,
    is_shared boolean NOT NULL,
    scope bigint NOT NULL,
    notice bigint NOT NULL,
    listener bigint NOT NULL,
    author bigint NOT NULL,
    PRIMARY KEY (uri, is_shared, scope)
) {BY:uri};

-- A notice under every profile that stands for its author.
CREATE TABLE microblog.authorship (
    author bigint NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (author, notice)
) {BY:author};

-- Home timelines, with the author as the owner knows them; the position is not the notice's number (decision 0006).
CREATE TABLE microblog.home (
    owner bigint NOT NULL,
    position bigint NOT NULL,
    notice bigint NOT NULL,
    author bigint NOT NULL,
    PRIMARY KEY (owner, position)
) {BY:owner};
CREATE UNIQUE INDEX home_notice ON microblog.home (owner, notice);
-- Where numbering goes on after a restart; most entries stand at their notice's number and cost this index nothing.
CREATE INDEX home_late ON microblog.home (position) WHERE position <> notice;

CREATE TABLE microblog.mention (
    person bigint NOT NULL,
    position bigint NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (person, position)
) {BY:person};
CREATE UNIQUE INDEX mention_notice ON microblog.mention (person, notice);
CREATE INDEX mention_late ON microblog.mention (position) WHERE position <> notice;

CREATE TABLE microblog.audience (
    notice bigint NOT NULL,
    person bigint NOT NULL,
    PRIMARY KEY (notice, person)
) {BY:notice};

CREATE TABLE microblog.tag (
    tag text COLLATE "C" NOT NULL,
    notice bigint NOT NULL,
    PRIMARY KEY (tag, notice)
) {BY:tag};

CREATE TABLE microblog.subscription (
    id bigint PRIMARY KEY,
    subscriber bigint NOT NULL,
    publisher bigint NOT NULL,
    publisher_uri text COLLATE "C" NOT NULL,
    state integer NOT NULL,
    protocol text COLLATE "C" NOT NULL,
    is_subscriber_local boolean NOT NULL,
    peer text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    profile_endpoint text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    secret bytea NOT NULL,
    created_at bigint NOT NULL
) {BY:id};
-- Without the peer: two long texts would not fit into an index entry (2,704 bytes), and a pair has few peers.
CREATE INDEX subscription_pair ON microblog.subscription (subscriber, publisher_uri, id);
CREATE INDEX subscription_publishers ON microblog.subscription (subscriber, id) WHERE state = 1;
CREATE INDEX subscription_subscribers ON microblog.subscription (publisher, state, id);
CREATE INDEX subscription_both ON microblog.subscription (subscriber, publisher, state);
CREATE INDEX subscription_endpoint ON microblog.subscription (publisher, protocol, endpoint, id) WHERE state = 1;
CREATE INDEX subscription_local ON microblog.subscription (publisher, id, subscriber) WHERE state = 1 AND is_subscriber_local;

CREATE TABLE microblog.block (
    blocker bigint NOT NULL,
    blocked text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (blocker, blocked)
) {BY:blocker};

CREATE TABLE microblog.credential (
    scope text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    secret bytea NOT NULL,
    consumer text COLLATE "C" NOT NULL,
    state integer NOT NULL,
    person bigint NOT NULL,
    subscription bigint NOT NULL,
    failures integer NOT NULL,
    data text COLLATE "C" NOT NULL,
    expires bigint,
    PRIMARY KEY (scope, token)
) {BY:token};
CREATE INDEX credential_consumer ON microblog.credential (scope, consumer, expires);
CREATE INDEX credential_subscription ON microblog.credential (subscription) WHERE subscription <> 0;
CREATE INDEX credential_expires ON microblog.credential (expires) WHERE expires IS NOT NULL;

-- Time first: what arrives together lies together, and goes together.
CREATE TABLE microblog.once (
    expires bigint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (expires, scope, key)
) {BY:key};

CREATE TABLE microblog.setting (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);

-- The authors' logs (lane 0), and events for one lane alone. Numbers are drawn while the author's log is locked, so they grow as
-- they become visible.
CREATE SEQUENCE microblog.event_numbers;
CREATE TABLE microblog.event (
    number bigint NOT NULL DEFAULT nextval('microblog.event_numbers'),
    author bigint NOT NULL,
    lane bigint NOT NULL,
    destination bigint NOT NULL,
    kind integer NOT NULL,
    notice bigint NOT NULL,
    data text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (author, number)
) {BY:author};
CREATE INDEX event_log ON microblog.event (author, number) WHERE lane = 0;
CREATE INDEX event_own ON microblog.event (lane, number) WHERE lane <> 0;
CREATE INDEX event_destination ON microblog.event (destination) WHERE lane <> 0;
CREATE INDEX event_notice ON microblog.event (notice) WHERE notice <> 0;
CREATE INDEX event_number ON microblog.event (number);

-- next_due sums up the destination's lanes, so that leasing looks at destinations first, however many lanes wait.
CREATE TABLE microblog.destination (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    protocol text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    is_failing boolean NOT NULL DEFAULT false,
    not_before bigint NOT NULL DEFAULT 0,
    next_due bigint,
    failing_since bigint,
    failure text COLLATE "C" NOT NULL DEFAULT '',
    UNIQUE (protocol, host)
);
CREATE INDEX destination_failing ON microblog.destination (failing_since) WHERE failing_since IS NOT NULL;
CREATE INDEX destination_due ON microblog.destination (is_failing, next_due, id) WHERE next_due IS NOT NULL;

-- Destinations that have lanes which come due at some time. Whoever wakes lanes adds a row and waits for nobody; the next lease sums
-- the rows up in next_due, where a write by the waker could get lost between a lease's look at the lanes and its commit.
CREATE TABLE microblog.wake (
    destination bigint NOT NULL,
    at bigint NOT NULL
);

-- due_at is null while nothing waits; a leased lane comes due when its lease ends.
CREATE SEQUENCE microblog.lane_ids;
CREATE TABLE microblog.lane (
    id bigint NOT NULL DEFAULT nextval('microblog.lane_ids'),
    author bigint NOT NULL,
    protocol text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    destination bigint NOT NULL,
    follows_log boolean NOT NULL,
    position bigint NOT NULL,
    due_at bigint,
    leased_until bigint,
    token bigint NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    failing_since bigint,
    failure text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (author, protocol, endpoint)
) {BY:author};
-- With the author, so that it may be unique, and the planner knows that it is before it has counted anything.
CREATE UNIQUE INDEX lane_id ON microblog.lane (id, author);
CREATE INDEX lane_destination ON microblog.lane (destination);
CREATE INDEX lane_due ON microblog.lane (destination, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lane_leased ON microblog.lane (destination, leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX lane_idle ON microblog.lane (author, position) WHERE due_at IS NULL AND follows_log;
CREATE INDEX lane_position ON microblog.lane (author, position) WHERE follows_log;
CREATE INDEX lane_failing ON microblog.lane (failing_since, due_at) WHERE failing_since IS NOT NULL;
CREATE SEQUENCE microblog.lease_token;

CREATE TABLE microblog.failure (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    author bigint NOT NULL,
    protocol text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    event bigint NOT NULL,
    event_author bigint NOT NULL,
    kind integer NOT NULL,
    notice bigint NOT NULL,
    data text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    reason text COLLATE "C" NOT NULL
);
CREATE INDEX failure_notice ON microblog.failure (notice) WHERE notice <> 0;
CREATE INDEX failure_author ON microblog.failure (event_author, id);

-- Authors whose log may have a beginning that every lane has passed. One row each time, so that nobody waits for another's.
CREATE SEQUENCE microblog.prunable_ids;
CREATE TABLE microblog.prunable (
    author bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('microblog.prunable_ids'),
    PRIMARY KEY (author, id)
) {BY:author};

-- A row of these changes with every lease and settlement, and those that go make room for those that come only once they are vacuumed.
-- A share of the table is the wrong measure: a queue of a million would be vacuumed after two hundred thousand changes. (Parameters
-- belong to the parts of a partitioned table.)
DO $$
DECLARE part regclass;
BEGIN
    FOR part IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'microblog'::regnamespace AND c.relkind = 'r'
        AND c.relname ~ '^(lane|destination|wake|prunable)(_[0-9]+)?$'
    LOOP
        EXECUTE format('ALTER TABLE %s SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, '
            'autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)', part);
    END LOOP;
END
$$;

-- What a transaction left for later: the local followers of a notice, or (notice 0) the lanes of an author.
CREATE TABLE microblog.job (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    notice bigint NOT NULL,
    author bigint NOT NULL,
    after bigint NOT NULL,
    through bigint NOT NULL,
    UNIQUE (author, notice)
);

-- Begins a transaction that stores numbers drawn by a process: nobody reads past the millisecond of the oldest of them until it has
-- ended, and a process that was away so long that another one has its slot stores nothing.
CREATE FUNCTION microblog.begin_writing(wanted integer, process text, open_from integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1296188401, open_from);
    IF NOT EXISTS (SELECT 1 FROM microblog.writer WHERE slot = wanted AND holder = process) THEN
        RAISE EXCEPTION 'another process writes numbers of slot % now', wanted USING ERRCODE = 'MB001';
    END IF;
END
$$;
