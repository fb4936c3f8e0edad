-- Times are milliseconds since 1970; ids and hashes are bytes.

CREATE TABLE reports (
    id BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    room BYTEA NOT NULL,
    began BIGINT NOT NULL,
    ended BIGINT,
    reason TEXT NOT NULL,
    -- Whether the reason is one whose reports are kept longer.
    minor BIGINT NOT NULL,
    details TEXT,
    -- A JSON list of the lines that the reporter attached.
    lines TEXT NOT NULL,
    session BYTEA NOT NULL,
    token BYTEA NOT NULL,
    reporter_device BYTEA NOT NULL,
    reporter_since BIGINT NOT NULL,
    reporter_presented BIGINT NOT NULL,
    reporter_key BIGINT NOT NULL,
    reporter_address BYTEA NOT NULL,
    reported_device BYTEA NOT NULL,
    reported_since BIGINT NOT NULL,
    reported_presented BIGINT NOT NULL,
    reported_key BIGINT NOT NULL,
    reported_address BYTEA NOT NULL,
    -- Under legal hold.
    held BIGINT NOT NULL DEFAULT 0,
    UNIQUE (room, session)
);
CREATE INDEX reports_by_time ON reports (at, id);
CREATE INDEX reports_by_class ON reports (minor, at);
CREATE INDEX reports_by_reporter ON reports (reporter_device);
CREATE INDEX reports_by_reported ON reports (reported_device);

CREATE TABLE pictures (
    report BYTEA NOT NULL PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    bytes BYTEA NOT NULL
);
-- They are compressed already.
ALTER TABLE pictures ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE bans (
    id BYTEA NOT NULL PRIMARY KEY,
    device BYTEA,
    address_key BIGINT,
    address BYTEA,
    at BIGINT NOT NULL,
    until BIGINT,
    reason TEXT NOT NULL,
    appeal TEXT,
    -- The ids of the reports on which it rests, one behind the other: so that one
    -- statement reads a ban whole. ban_reports finds them the other way round.
    reports BYTEA NOT NULL,
    revision BIGINT NOT NULL UNIQUE,
    CONSTRAINT bans_somebody CHECK (device IS NOT NULL OR address IS NOT NULL),
    CONSTRAINT bans_whole_address CHECK ((address IS NULL) = (address_key IS NULL))
);
CREATE INDEX bans_by_end ON bans (until);
CREATE INDEX bans_by_device ON bans (device);

CREATE TABLE ban_reports (
    report BYTEA NOT NULL,
    ban BYTEA NOT NULL REFERENCES bans (id) ON DELETE CASCADE,
    PRIMARY KEY (report, ban)
);
CREATE INDEX ban_reports_by_ban ON ban_reports (ban);

-- The revision of the ban that was written last. Who writes a ban changes this row
-- first: its lock makes revisions visible in their order.
CREATE TABLE ban_revision (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    last BIGINT NOT NULL
);
INSERT INTO ban_revision (one, last) VALUES (1, 0);

CREATE TABLE separations (
    by_device BYTEA NOT NULL,
    of_device BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (by_device, of_device)
);
CREATE INDEX separations_by ON separations (by_device, at);
CREATE INDEX separations_of ON separations (of_device, at);
CREATE INDEX separations_by_time ON separations (at);

-- When the tables were made, in milliseconds since 1970: how old the service is.
CREATE TABLE service (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    since BIGINT NOT NULL
);
INSERT INTO service (one, since) VALUES (1, CAST(EXTRACT(EPOCH FROM now()) AS BIGINT) * 1000);
