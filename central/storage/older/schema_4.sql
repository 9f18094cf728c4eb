-- Points move between a card and what they are given or taken for; what people change leaves a trail;
-- promotions and the programme's numbers can be changed while the system runs.
ALTER TABLE point_lot ADD COLUMN against TEXT NOT NULL DEFAULT 'granted';
ALTER TABLE point_lot ADD COLUMN at TEXT NOT NULL DEFAULT '';

CREATE TABLE trail (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    number TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX trail_number ON trail (number);

CREATE TABLE promotion (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    is_ended INTEGER NOT NULL DEFAULT 0 CHECK (is_ended IN (0, 1))
) STRICT;

CREATE TABLE programme_value (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT;
