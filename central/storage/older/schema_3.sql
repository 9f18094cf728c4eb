-- Flat rates are paid by the month; points are lots with an end, so that they can expire.
ALTER TABLE card ADD COLUMN monthly_fee_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE card ADD COLUMN monthly_wh INTEGER;
ALTER TABLE card ADD COLUMN from_date TEXT NOT NULL DEFAULT '';
ALTER TABLE card ADD COLUMN until_date TEXT NOT NULL DEFAULT '';
ALTER TABLE card ADD COLUMN month TEXT NOT NULL DEFAULT '';

CREATE TABLE point_lot (
    key TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    points INTEGER NOT NULL,
    expires_at TEXT
) STRICT;
CREATE INDEX point_lot_card ON point_lot (number);
INSERT INTO point_lot (key, number, points) SELECT 'opening:' || number, number, points FROM card WHERE points > 0;
ALTER TABLE card DROP COLUMN points;
