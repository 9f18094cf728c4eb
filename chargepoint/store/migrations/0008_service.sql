-- Who may open the service menu, and everything that was done there.
CREATE TABLE service_pin (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('technician', 'collector', 'admin')),
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    cost INTEGER NOT NULL,
    changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE service_log (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    what TEXT NOT NULL,
    outcome TEXT NOT NULL
) STRICT;

-- Of a collection made at the machine: who, why it differs, and the number on the box's seal.
ALTER TABLE period ADD COLUMN note TEXT NOT NULL DEFAULT '';
