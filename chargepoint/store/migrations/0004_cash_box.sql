-- A refund asked for by a person, and how far it has come.
CREATE TABLE refund (
    reference TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES session (id),
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'sent', 'done', 'refused', 'unproved')),
    result TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX refund_open ON refund (asked_at) WHERE state IN ('asked', 'sent', 'unproved');

-- A collection closes a period. Its seal covers every posting of it and the seal before.
CREATE TABLE period (
    number INTEGER PRIMARY KEY,
    sealed_at TEXT NOT NULL,
    role TEXT NOT NULL,
    first_posting INTEGER NOT NULL,
    last_posting INTEGER NOT NULL,
    book_minor INTEGER NOT NULL,
    counted_minor INTEGER NOT NULL,
    levels TEXT NOT NULL,
    previous_seal TEXT NOT NULL UNIQUE,
    seal TEXT NOT NULL UNIQUE
) STRICT;
