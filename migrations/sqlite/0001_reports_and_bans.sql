-- Times are milliseconds since 1970; ids and hashes are bytes.

CREATE TABLE reports (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    room BLOB NOT NULL,
    began INTEGER NOT NULL,
    ended INTEGER,
    reason TEXT NOT NULL,
    -- Whether the reason is one whose reports are kept longer.
    minor INTEGER NOT NULL,
    details TEXT,
    -- A JSON list of the lines that the reporter attached.
    lines TEXT NOT NULL,
    session BLOB NOT NULL,
    token BLOB NOT NULL,
    reporter_device BLOB NOT NULL,
    reporter_since INTEGER NOT NULL,
    reporter_presented INTEGER NOT NULL,
    reporter_key INTEGER NOT NULL,
    reporter_address BLOB NOT NULL,
    reported_device BLOB NOT NULL,
    reported_since INTEGER NOT NULL,
    reported_presented INTEGER NOT NULL,
    reported_key INTEGER NOT NULL,
    reported_address BLOB NOT NULL,
    -- Under legal hold.
    held INTEGER NOT NULL DEFAULT 0,
    UNIQUE (room, session)
) STRICT;
CREATE INDEX reports_by_time ON reports (at, id);
CREATE INDEX reports_by_class ON reports (minor, at);
CREATE INDEX reports_by_reporter ON reports (reporter_device);
CREATE INDEX reports_by_reported ON reports (reported_device);

CREATE TABLE pictures (
    report BLOB NOT NULL PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE bans (
    id BLOB NOT NULL PRIMARY KEY,
    device BLOB,
    address_key INTEGER,
    address BLOB,
    at INTEGER NOT NULL,
    until INTEGER,
    reason TEXT NOT NULL,
    appeal TEXT,
    -- The ids of the reports on which it rests, one behind the other: so that one
    -- statement reads a ban whole. ban_reports finds them the other way round.
    reports BLOB NOT NULL,
    revision INTEGER NOT NULL UNIQUE,
    CONSTRAINT bans_somebody CHECK (device IS NOT NULL OR address IS NOT NULL),
    CONSTRAINT bans_whole_address CHECK ((address IS NULL) = (address_key IS NULL))
) STRICT;
CREATE INDEX bans_by_end ON bans (until);
CREATE INDEX bans_by_device ON bans (device);

CREATE TABLE ban_reports (
    report BLOB NOT NULL,
    ban BLOB NOT NULL REFERENCES bans (id) ON DELETE CASCADE,
    PRIMARY KEY (report, ban)
) STRICT;
CREATE INDEX ban_reports_by_ban ON ban_reports (ban);

-- The revision of the ban that was written last. Who writes a ban changes this row
-- first: its lock makes revisions visible in their order.
CREATE TABLE ban_revision (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO ban_revision (one, last) VALUES (1, 0);

CREATE TABLE separations (
    by_device BLOB NOT NULL,
    of_device BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (by_device, of_device)
) STRICT;
CREATE INDEX separations_by ON separations (by_device, at);
CREATE INDEX separations_of ON separations (of_device, at);
CREATE INDEX separations_by_time ON separations (at);

-- When the tables were made, in milliseconds since 1970: how old the service is.
CREATE TABLE service (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    since INTEGER NOT NULL
) STRICT;
INSERT INTO service (one, since) VALUES (1, CAST(strftime('%s', 'now') AS INTEGER) * 1000);
