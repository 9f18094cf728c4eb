-- Invoices in the order of issue. Previous hashes are unique: a chain cannot fork.
ALTER TABLE session ADD COLUMN invoice_due INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_due ON session (closed_at) WHERE invoice_due = 1;

CREATE TABLE invoice (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    series TEXT NOT NULL,
    serial INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('F2', 'R5')),
    session TEXT NOT NULL REFERENCES session (id),
    corrects TEXT NOT NULL,
    previous_hash TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    UNIQUE (series, serial)
) STRICT;
CREATE UNIQUE INDEX invoice_once ON invoice (session) WHERE kind = 'F2';
