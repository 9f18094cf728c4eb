-- Times are UTC text with milliseconds and Z. Amounts are signed minor units, debit positive.
CREATE TABLE boot (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    previous_clean INTEGER NOT NULL CHECK (previous_clean IN (0, 1))
) STRICT;

CREATE TABLE point_state (
    connector INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    saved_at TEXT NOT NULL
) STRICT;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    connector INTEGER NOT NULL,
    body TEXT NOT NULL,
    closed_at TEXT NOT NULL
) STRICT;

CREATE TABLE posting (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE entry (
    posting_id INTEGER NOT NULL REFERENCES posting (id),
    account TEXT NOT NULL,
    signed_minor INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_account ON entry (account);

CREATE TABLE device_cursor (
    serial TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    buffer BLOB NOT NULL,
    saved_at TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'confirmed', 'dead')),
    queued_at TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_open ON outbox (sequence) WHERE state = 'queued';

CREATE TABLE remote_transaction (
    session TEXT PRIMARY KEY,
    remote_id INTEGER NOT NULL
) STRICT;

CREATE TABLE incident (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    code TEXT NOT NULL,
    device TEXT NOT NULL,
    detail TEXT NOT NULL,
    trace TEXT NOT NULL
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
